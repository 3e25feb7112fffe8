public import Tensors

/// A loss that looks at embeddings only through their distances. It can therefore compare a batch with itself or with a memory.
public protocol PairLoss: MetricLoss {
    /// The distance.
    var distance: EmbeddingDistance { get }

    /// The loss and its derivatives by `distances`, `[anchors, references]`, larger ones farther (similarities are negated).
    func evaluate(distances: Matrix, _ comparison: Comparison) -> DistanceEvaluation
}

extension PairLoss {
    /// The loss of a batch, whose rows are compared with each other, and its derivative by the embeddings.
    public func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation {
        precondition(
            labels.count == embeddings.rows, "\(labels.count) labels for \(embeddings.rows) embeddings")
        let distances = PairwiseDistances(embeddings, distance)
        let found = evaluate(distances: distances.values, Comparison(batch: labels, tuples: tuples))
        return LossEvaluation(
            value: found.value, gradient: distances.embeddingGradient(slopes: found.slopes))
    }
}

/// What a loss says of distances.
public struct DistanceEvaluation: Sendable, Hashable {
    /// The loss.
    public let value: Float
    /// The derivatives by the distances, `[anchors, references]`.
    public let slopes: Matrix

    /// A loss of `value` with its derivatives.
    public init(value: Float, slopes: Matrix) { (self.value, self.slopes) = (value, slopes) }
}
