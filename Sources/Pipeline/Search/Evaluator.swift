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
        try RetrievalMetrics.evaluate(vectors(of: data.features), labels: data.labels)
    }

    /// Metrics of the rows `queries` searched in the rows `index`, where no picture finds itself. Throws `InputError` where none
    /// of them has another picture of its label to find.
    public func metrics(of data: LabeledFeatures, queries: [Int], in index: [Int]) throws -> RetrievalMetrics {
        try evaluated(data, queries: queries, in: index).retrieval.metrics
    }

    /// The same query by query, and, where they are wanted, which classes are taken for which, most often first: that takes another
    /// search.
    public func evaluated(
        _ data: LabeledFeatures, queries: [Int], in index: [Int], wantsConfusions: Bool = false
    ) throws -> (retrieval: EvaluatedRetrieval, confusions: [Confusion]) {
        let sets = EvaluationSets(queries: queries, index: index)
        let isWhole = sets.rows.count == data.count
        let vectors = vectors(of: isWhole ? data.features : data.features.rows(at: sets.rows))
        let labels = sets.rows.map { data.labels[$0] }
        return (
            try sets.evaluated(vectors, labels: labels),
            wantsConfusions ? sets.confusions(vectors, labels: labels) : []
        )
    }

    private func vectors(of features: Matrix) -> Matrix { head?.embeddings(of: features) ?? features }
}
