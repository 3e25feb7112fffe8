import Tensors

/// Batches of `batchSize / itemsPerClass` different classes with `itemsPerClass` items each, as pytorch-metric-learning's
/// `MPerClassSampler` makes them.
///
/// Where PML draws anew for every batch, classes and the items of a class are drawn here in rounds that go on over the epochs:
/// every class comes about equally often, and every item of a class once before any comes again, so that none is left out by
/// chance. Every round has an order of its own, so that in time all classes meet, and all items of a class. A class with fewer
/// than `itemsPerClass` items gives some of them more than once; PML too repeats items of such classes.
public struct MPerClassSampler: BatchSampler {
    /// The number of items in every batch.
    public let batchSize: Int
    /// The number of batches in every epoch.
    public let batchesPerEpoch: Int

    private let itemsPerClass: Int
    /// The classes, in the order of their labels, in hands for a batch.
    private let classes: Rounds
    /// The items of each class, in hands for a batch.
    private let items: [Rounds]

    /// Keeps the streams of classes, which are added to it, apart from other random choices of the same seed.
    private static let classStream: UInt64 = 3 << 32

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
        classes = Rounds(
            Array(0..<members.count), handSize: batchSize / itemsPerClass, seed: seed, stream: Self.classStream)
        items = members.sorted { $0.key < $1.key }.enumerated().map { number, members in
            Rounds(
                members.value, handSize: itemsPerClass, seed: seed, stream: Self.classStream + 1 + UInt64(number))
        }
        self.itemsPerClass = itemsPerClass
        self.batchSize = batchSize
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
        let first = epoch * batchesPerEpoch
        let start = classes.evenStart(before: first)
        let drawn = classes.hands(in: start.hand..<first + batchesPerEpoch)
        let earlier = counts(of: drawn.prefix(first - start.hand), from: start.draws)
        let later = counts(of: drawn.dropFirst(first - start.hand), from: 0)
        var hands = items.indices.map { number in
            items[number].hands(in: earlier[number]..<earlier[number] + later[number])[...]
        }
        return drawn.dropFirst(first - start.hand).map { batch in batch.flatMap { hands[$0].removeFirst() } }
    }

    /// How often each class was drawn, `start` times and once for each time that it is in `batches`.
    private func counts(of batches: ArraySlice<[Int]>, from start: Int) -> [Int] {
        var counts = [Int](repeating: start, count: items.count)
        for batch in batches { for number in batch { counts[number] += 1 } }
        return counts
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
                remedy: "Choose a smaller batch size, twice the items per class at least, or add pictures.")
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
