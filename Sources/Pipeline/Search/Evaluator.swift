public import MetricLearning
public import Retrieval
import Tensors

/// Measures retrieval among labelled pictures under the raw features or a head.
public struct Evaluator: Sendable {
    private let head: ProjectionHead?

    /// An evaluator of what `head` makes of features; nil for the raw features.
    public init(head: ProjectionHead?) { self.head = head }

    /// Leave-one-out metrics: every picture is a query among all the others. Throws `InputError` where no label has two
    /// pictures.
    public func metrics(of data: LabeledFeatures) throws -> RetrievalMetrics {
        try metrics(of: data, rows: Array(data.labels.indices))
    }

    /// The same among the given rows alone.
    func metrics(of data: LabeledFeatures, rows: [Int]) throws -> RetrievalMetrics {
        let features = data.features.rows(at: rows)
        let labels = rows.map { data.labels[$0] }
        let embeddings = head?.embeddings(of: features) ?? features
        return try RetrievalMetrics.evaluate(
            queries: embeddings, queryLabels: labels, index: embeddings, indexLabels: labels, sameSet: true)
    }
}
