public import Tensors

/// One batch of training.
public struct FeatureBatch: Sendable, Hashable {
    /// The features, shape `[labels.count, dimension]`.
    public let features: Matrix
    /// The class of each row.
    public let labels: [Int]
    /// The batch's position in its epoch, from 0.
    public let index: Int
    /// Its epoch.
    public let epoch: EpochSummary

    /// Whether it is the last one of its epoch.
    public var isLast: Bool { index == epoch.batchCount - 1 }
}

/// The batches of some epochs, one after the other; to be used by one thread.
public final class FeatureBatches {
    private enum Source {
        /// All features, and the epochs that are left.
        case memory(Matrix, Range<Int>)
        case prefetch(PoolPrefetch)
        case ended
    }

    private let plan: TrainingPlan
    private var source: Source
    private var pool: FeaturePool?
    private var position = 0

    /// The batches of `epochs`. Where everything fits into memory it is decoded here; else a thread begins to decode the
    /// first pool. Throws the reader's error about a damaged chunk.
    init(_ plan: TrainingPlan, epochs: Range<Int>) throws {
        self.plan = plan
        guard plan.residence.chunksPerPool != nil else {
            source = .memory(try plan.features(), epochs)
            return
        }
        let prefetch = PoolPrefetch(plan, epochs: epochs)
        prefetch.start()
        source = .prefetch(prefetch)
    }

    deinit { stop() }

    /// The next batch, or nil after the last one. Throws the reader's error about a damaged chunk of the pool that the batch
    /// would come from.
    public func next() throws -> FeatureBatch? {
        while true {
            if let pool, position < pool.batches.count {
                defer { position += 1 }
                let rows = pool.batches[position]
                return FeatureBatch(
                    features: pool.features.rows(at: rows), labels: rows.map { pool.labels[$0] },
                    index: pool.plan.firstBatch + position, epoch: pool.epoch)
            }
            // Let go of before the next one is asked for: then the one after that may take its memory.
            (pool, position) = (nil, 0)
            guard let following = try nextPool() else { return nil }
            pool = following
        }
    }

    /// Leaves out the next `count` batches. Throws as `next()` does.
    func skip(_ count: Int) throws {
        for _ in 0..<count { _ = try next() }
    }

    /// Ends the work early: lets go of all features and waits until the thread that decodes has ended.
    public func stop() {
        if case .prefetch(let prefetch) = source { prefetch.stop() }
        (source, pool) = (.ended, nil)
    }

    private func nextPool() throws -> FeaturePool? {
        switch source {
        case .memory(let features, let epochs):
            guard let number = epochs.first else { return nil }
            source = .memory(features, epochs.dropFirst())
            let epoch = try plan.epoch(number)
            return try plan.pool(epoch.pools[0], of: epoch, features: features)
        case .prefetch(let prefetch): return try prefetch.next()
        case .ended: return nil
        }
    }
}
