import MetricLearning
import Tensors

extension TrainingPlan {
    /// The batches of `epochs`. Throws the reader's error about a damaged chunk.
    func batches(epochs: Range<Int>) throws -> FeatureBatches { try FeatureBatches(self, epochs: epochs) }

    /// The features of all training rows.
    func features() throws -> Matrix { try dataset.features(of: training, threads: threads) }

    /// Decodes a pool. Throws as `FeatureDataset.features` does.
    func load(_ pool: PoolPlan, of epoch: EpochPlan, cancellation: Interruption) throws -> FeaturePool {
        try self.pool(
            pool, of: epoch,
            features: dataset.features(of: pool.rows, threads: threads, cancellation: cancellation))
    }

    /// A pool over features that are decoded, one for each of its rows.
    func pool(_ pool: PoolPlan, of epoch: EpochPlan, features: Matrix) throws -> FeaturePool {
        precondition(features.rows == pool.rows.count, "\(features.rows) features for \(pool.rows.count) rows")
        return FeaturePool(
            features: features, labels: dataset.labels(of: pool.rows),
            batches: try batches(pool), plan: pool,
            epoch: EpochSummary(number: pool.epoch, batchCount: epoch.batchCount, leftOut: epoch.leftOut))
    }
}
