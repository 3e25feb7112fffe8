public import Tensors

/// A loss over scored pairs as one over a batch: its first half are the first of each pair, its second half the second, in the same
/// order, and the "label" of both is the pair's number in `scores`.
public struct PairsInBatch: MetricLoss {
    private let loss: any ScoredPairLoss
    private let scores: [Float]

    /// The loss of pairs that have these scores.
    public init(_ loss: any ScoredPairLoss, scores: [Float]) { (self.loss, self.scores) = (loss, scores) }

    /// The loss of a batch of pairs and its derivatives; tuples are not looked at.
    public func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation {
        let count = labels.count / 2
        precondition(
            labels.count.isMultiple(of: 2) && labels[..<count] == labels[count...], "a batch that is not made of pairs")
        let found = loss.evaluate(
            first: embeddings.rows(at: Array(0..<count)), second: embeddings.rows(at: Array(count..<2 * count)),
            scores: labels[..<count].map { scores[$0] })
        let gradient = Matrix(
            rows: embeddings.rows, columns: embeddings.columns,
            elements: found.firstGradient.elements + found.secondGradient.elements)
        return LossEvaluation(value: found.value, gradient: gradient)
    }
}
