import Tensors

/// Batches of all items in an order that is drawn anew for every epoch, without replacement (`torch.utils.data.DataLoader` with
/// `shuffle=True, drop_last=True`). What does not fill a batch is left out, which are others in every epoch.
public struct RandomSampler: BatchSampler {
    /// The number of items in every batch.
    public let batchSize: Int
    /// The number of batches in every epoch.
    public var batchesPerEpoch: Int { count / batchSize }

    private let count: Int
    private let seed: UInt64

    private static let firstStream: UInt64 = 4 << 32

    /// A sampler over the items `0..<count`. Throws `InputError` where they do not fill a batch.
    public init(count: Int, batchSize: Int, seed: UInt64) throws {
        guard batchSize > 0, batchSize <= count else {
            throw InputError(
                "batch size \(batchSize)", "cannot be made of \(count) items", remedy: "Choose a smaller batch size.")
        }
        (self.count, self.batchSize, self.seed) = (count, batchSize, seed)
    }

    /// The batches of an epoch.
    public func batches(epoch: Int) -> [[Int]] {
        precondition(epoch >= 0, "epoch \(epoch)")
        var generator = SeededGenerator(seed: seed, stream: Self.firstStream + UInt64(epoch))
        let order = generator.permutation(count)
        return (0..<batchesPerEpoch).map { Array(order[$0 * batchSize..<($0 + 1) * batchSize]) }
    }
}
