import Tensors

/// Batches of `batchSize / itemsPerClass` different classes with `itemsPerClass` items each, as pytorch-metric-learning's
/// `MPerClassSampler` makes them.
///
/// Where PML draws anew for every batch, classes and the items of a class are drawn here in rounds that go on over the epochs:
/// every class comes about equally often, and every item of a class once before any comes again, so that none is left out by
/// chance. A class with fewer than `itemsPerClass` items gives some of them more than once; PML too repeats items of such
/// classes.
public struct MPerClassSampler: BatchSampler {
    /// The number of items in every batch.
    public let batchSize: Int
    /// The number of batches in every epoch.
    public let batchesPerEpoch: Int

    private let itemsPerClass: Int
    /// The classes, in the order of their labels, and the items of each.
    private let classes: Rounds
    private let items: [Rounds]
    private let seed: UInt64

    /// Keep the streams of epochs and of classes, which are added to them, apart from other random choices of the same seed.
    private static let (epochStream, classStream): (UInt64, UInt64) = (1 << 32, 3 << 32)

    /// A sampler over items whose classes are `labels`. An epoch is as many whole batches as fit into `samplesPerEpoch`
    /// (PML's `length_before_new_iter`), which is the number of items unless given.
    ///
    /// Throws `InputError` where `itemsPerClass` does not divide `batchSize`, where the batch would hold fewer than two
    /// classes (nothing to tell apart) or more than there are (PML's own condition), or where an epoch would be shorter
    /// than a batch.
    public init(
        labels: [Int], itemsPerClass: Int, batchSize: Int, samplesPerEpoch: Int? = nil, seed: UInt64
    ) throws {
        let members = Dictionary(grouping: labels.indices, by: { labels[$0] })
        let epoch = samplesPerEpoch ?? labels.count
        try Self.check(itemsPerClass, batchSize: batchSize, classes: members.count, epoch: epoch)
        classes = Rounds(Array(0..<members.count), seed: seed, stream: Self.classStream)
        items = members.sorted { $0.key < $1.key }.enumerated().map { number, members in
            Rounds(members.value, seed: seed, stream: Self.classStream + 1 + UInt64(number))
        }
        self.itemsPerClass = itemsPerClass
        self.batchSize = batchSize
        self.seed = seed
        batchesPerEpoch = epoch / batchSize
    }

    /// The largest batch of at most `limit` items that a sampler over `labels` accepts, with epochs of its default length;
    /// nil where there is none.
    public static func largestBatchSize(labels: [Int], itemsPerClass: Int, limit: Int) -> Int? {
        guard itemsPerClass > 0 else { return nil }
        let classesPerBatch = min(Set(labels).count, min(limit, labels.count) / itemsPerClass)
        return classesPerBatch >= 2 ? classesPerBatch * itemsPerClass : nil
    }

    /// The batches of an epoch: each lists `itemsPerClass` items of one class, then of the next.
    public func batches(epoch: Int) -> [[Int]] {
        precondition(epoch >= 0, "epoch \(epoch)")
        var generator = SeededGenerator(seed: seed, stream: Self.epochStream + UInt64(epoch))
        let classesPerBatch = batchSize / itemsPerClass
        let draws = epoch * batchesPerEpoch * classesPerBatch..<(epoch + 1) * batchesPerEpoch * classesPerBatch
        let hands = classes.hands(in: draws, size: classesPerBatch, using: &generator)
        var remaining = itemHands(of: draws, &generator)
        return hands.map { hand in hand.flatMap { remaining[$0].removeLast() } }
    }

    /// The items of each class for the draws of classes in `draws`, in hands.
    private func itemHands(of draws: Range<Int>, _ generator: inout SeededGenerator) -> [[[Int]]] {
        let positions = classes.positions
        return items.indices.map { number in
            let position = positions[number] ?? 0
            let before = classes.draws(of: position, before: draws.lowerBound)
            let after = classes.draws(of: position, before: draws.upperBound)
            let range = before * itemsPerClass..<after * itemsPerClass
            return items[number].hands(in: range, size: itemsPerClass, using: &generator)
        }
    }

    private static func check(_ itemsPerClass: Int, batchSize: Int, classes: Int, epoch: Int) throws {
        guard itemsPerClass > 0, batchSize > 0, batchSize.isMultiple(of: itemsPerClass) else {
            throw InputError(
                "batch size \(batchSize)", "is not a multiple of \(itemsPerClass) items per class",
                remedy: "Choose a batch size that is.")
        }
        guard classes >= 2 else {
            throw InputError(
                "labels", "name \(classes == 1 ? "only one class" : "no class")",
                remedy: "Training tells classes apart: label pictures of two or more.")
        }
        guard batchSize <= epoch else {
            throw InputError(
                "batch size \(batchSize)", "is more than the \(epoch) items of an epoch",
                remedy: "Choose a smaller batch size, or add pictures.")
        }
        guard batchSize >= 2 * itemsPerClass else {
            throw InputError(
                "batch size \(batchSize)", "holds only one class of \(itemsPerClass) items",
                remedy: "Choose at least \(2 * itemsPerClass), or fewer items per class.")
        }
        guard batchSize / itemsPerClass <= classes else {
            throw InputError(
                "batch size \(batchSize)",
                "needs \(batchSize / itemsPerClass) classes with \(itemsPerClass) items each, but there are \(classes)",
                remedy: "Choose at most \(classes * itemsPerClass), or more items per class.")
        }
    }
}
