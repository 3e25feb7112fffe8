import MetricLearning
import Tensors

extension TrainingPlan {
    /// The batches of `epochs`. Throws the reader's error about a damaged chunk.
    func batches(epochs: Range<Int>) throws -> FeatureBatches { try FeatureBatches(self, epochs: epochs) }

    /// The features of all training rows, those of one view behind those of the other.
    func features() throws -> Matrix {
        if let decoded { return decoded }
        let views = 0..<dataset.viewCount
        return try dataset.features(
            of: views.flatMap { _ in training }, views: views.flatMap { view in training.map { _ in view } },
            threads: threads)
    }

    /// Decodes a pool, each row in the view that it has in its epoch. Throws as `FeatureDataset.features` does.
    func load(_ pool: PoolPlan, of epoch: EpochPlan, cancellation: Interruption) throws -> FeaturePool {
        let features = try dataset.features(
            of: pool.rows, views: views(of: pool), threads: threads, cancellation: cancellation)
        return FeaturePool(
            features: features, labels: dataset.labels(of: pool.rows), batches: try batches(pool), plan: pool,
            epoch: summary(of: epoch, pool))
    }

    /// The pool of everything, over the features that `features()` gives.
    func pool(_ pool: PoolPlan, of epoch: EpochPlan, features: Matrix) throws -> FeaturePool {
        let (count, labels, views) = (pool.rows.count, dataset.labels(of: pool.rows), views(of: pool))
        precondition(
            features.rows == count * dataset.viewCount,
            "\(features.rows) features for \(count) rows in \(dataset.viewCount) views")
        let batches = try batches(pool).map { batch in batch.map { $0 + views[$0] * count } }
        return FeaturePool(
            features: features, labels: (0..<dataset.viewCount).flatMap { _ in labels }, batches: batches, plan: pool,
            epoch: summary(of: epoch, pool))
    }

    private func summary(of epoch: EpochPlan, _ pool: PoolPlan) -> EpochSummary {
        EpochSummary(number: pool.epoch, batchCount: epoch.batchCount, leftOut: epoch.leftOut)
    }
}
