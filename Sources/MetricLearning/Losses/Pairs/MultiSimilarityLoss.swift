import Foundation
public import Tensors

/// pytorch-metric-learning's `MultiSimilarityLoss` (Wang et al. 2019, equation 15): for each anchor
/// `1/alpha log(1 + sum over positives of exp(-alpha (S - base))) + 1/beta log(1 + sum over negatives of exp(beta (S - base)))`,
/// and the mean over all anchors, those without pairs too.
public struct MultiSimilarityLoss: PairLoss, Hashable {
    /// The weight of positives.
    public let alpha: Float
    /// The weight of negatives.
    public let beta: Float
    /// The similarity between what should be near and what should be far.
    public let base: Float
    /// The similarity S; a distance is negated.
    public let distance: EmbeddingDistance
    /// How the anchors' losses become one number.
    public let reducer: LossReducer

    /// A multi-similarity loss; the defaults are PML's.
    public init(
        alpha: Float = 2, beta: Float = 50, base: Float = 0.5, distance: EmbeddingDistance = .cosine,
        reducer: LossReducer = .mean
    ) {
        (self.alpha, self.beta, self.base) = (alpha, beta, base)
        (self.distance, self.reducer) = (distance, reducer)
    }

    /// The loss and its derivatives.
    public func evaluate(distances: Matrix, _ comparison: Comparison) -> DistanceEvaluation {
        // A distance d has the similarity -d here, and PML the base -base with it.
        let base = distance.isSimilarity ? base : -base
        return AnchorLosses.evaluate(distances: distances, comparison, reducer) { row in
            Self.side(row, row.positives, scale: -alpha, base) + Self.side(row, row.negatives, scale: beta, base)
        }
    }

    /// `1/|scale| log(1 + sum of exp(scale (S - base)))` over what counts, and its slopes.
    private static func side(
        _ row: AnchorRow, _ counts: UnsafeBufferPointer<Float>, scale: Float, _ base: Float
    ) -> Float {
        var sum = LogSumExp(one: true)
        for index in counts.indices where counts[index] > 0 { sum.add(scale * (row.similarities[index] - base)) }
        let value = sum.value
        let sign: Float = scale < 0 ? -1 : 1
        for index in counts.indices where counts[index] > 0 {
            row.slopes[index] += sign * exp(scale * (row.similarities[index] - base) - value)
        }
        return value / abs(scale)
    }
}
