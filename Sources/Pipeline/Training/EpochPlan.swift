import Tensors

/// The pools of one epoch in their order.
struct EpochPlan: Sendable {
    /// The pools that have batches.
    private(set) var pools: [PoolPlan] = []
    /// The batches of all pools.
    private(set) var batchCount = 0
    /// Rows that no pool takes: alone of their class in theirs, or in a pool without two classes.
    var leftOut = 0

    /// Adds a pool whose `firstBatch` is `batchCount`.
    mutating func append(_ pool: PoolPlan) {
        precondition(pool.firstBatch == batchCount, "a pool from batch \(pool.firstBatch) on after \(batchCount)")
        pools.append(pool)
        batchCount += pool.batchCount
    }
}

/// The rows that are in memory together, and what comes of them.
struct PoolPlan: Sendable {
    /// The epoch, from 0.
    let epoch: Int
    /// The position among all pools of the epoch.
    let number: Int
    /// Rows of the dataset.
    let rows: [Int]
    /// Rows in a batch.
    let batchSize: Int
    /// The batches of the epoch that come before.
    let firstBatch: Int

    /// The number of batches: whole ones only, as the sampler's.
    var batchCount: Int { rows.count / batchSize }
}

/// A pool whose features are decoded.
struct FeaturePool: Sendable {
    /// One feature a row.
    let features: Matrix
    /// One class a row.
    let labels: [Int]
    /// Rows of `features`, by batch.
    let batches: [[Int]]
    /// Where it belongs.
    let plan: PoolPlan
    /// The epoch that it belongs to, in numbers.
    let epoch: EpochSummary
}

/// An epoch in numbers.
public struct EpochSummary: Sendable, Hashable {
    /// The epoch, from 0.
    public let number: Int
    /// Its batches.
    public let batchCount: Int
    /// Training rows that it has no place for: in a pool of chunks they are alone of their class.
    public let leftOut: Int
}
