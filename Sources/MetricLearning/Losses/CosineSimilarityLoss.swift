public import Tensors

/// A loss over pairs of embeddings that have a score each.
public protocol ScoredPairLoss: Sendable {
    /// The loss of the pairs and its derivatives by both sides; `first` and `second` are `[count, dimension]`.
    func evaluate(first: Matrix, second: Matrix, scores: [Float]) -> ScoredPairEvaluation
}

/// What a loss says of scored pairs.
public struct ScoredPairEvaluation: Sendable, Hashable {
    /// The loss.
    public let value: Float
    /// The derivatives by both sides, `[count, dimension]` each.
    public let firstGradient, secondGradient: Matrix
}

/// The mean of the squared difference between a pair's cosine and its score (`CosineSimilarityLoss` of sentence-transformers and
/// of Finetuner's documentation).
public struct CosineSimilarityLoss: ScoredPairLoss, Hashable {
    /// The loss, which has no settings.
    public init() {}

    /// The loss and its derivatives; 0 for no pairs.
    public func evaluate(first: Matrix, second: Matrix, scores: [Float]) -> ScoredPairEvaluation {
        precondition(
            first.rows == second.rows && first.columns == second.columns && first.rows == scores.count,
            "[\(first.rows), \(first.columns)] and [\(second.rows), \(second.columns)] with \(scores.count) scores")
        let (left, right) = (UnitRows(first), UnitRows(second))
        var (total, byLeft, byRight) = (0.0, right.points, left.points)
        for row in scores.indices {
            let cosine = zip(left.points.row(row), right.points.row(row)).reduce(0) { $0 + $1.0 * $1.1 }
            let difference = cosine - scores[row]
            total += Double(difference * difference)
            let slope = 2 * difference / Float(scores.count)
            for column in 0..<first.columns {
                byLeft[row, column] *= slope
                byRight[row, column] *= slope
            }
        }
        return ScoredPairEvaluation(
            value: Float(total / Double(max(scores.count, 1))), firstGradient: left.gradient(byLeft),
            secondGradient: right.gradient(byRight))
    }
}
