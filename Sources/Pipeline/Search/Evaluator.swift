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
        try metrics(of: data.features, labels: data.labels)
    }

    /// The same of features `[count, dimension]` with a label each. The raw features are let go of once they are embedded.
    func metrics(of features: consuming Matrix, labels: [Int]) throws -> RetrievalMetrics {
        if let head { features = head.embeddings(of: features) }
        return try RetrievalMetrics.evaluate(
            queries: features, queryLabels: labels, index: features, indexLabels: labels, sameSet: true)
    }
}
