import Foundation
public import Tensors

/// pytorch-metric-learning's `CircleLoss` (Sun et al. 2020, equation 7): for each anchor
/// `softplus(LSE over negatives of gamma a_n (s - m) + LSE over positives of -gamma a_p (s - 1 + m))` with the weights
/// `a_p = max(0, 1 + m - s)` and `a_n = max(0, s + m)`, through which no derivative goes; the mean over the anchors above 0.
/// An anchor without a positive or without a negative has the loss 0.
public struct CircleLoss: PairLoss, Hashable {
    /// m, the relaxation.
    public let relaxation: Float
    /// The scale.
    public let gamma: Float
    /// How the anchors' losses become one number.
    public let reducer: LossReducer
    /// Cosine similarity, for which the loss is defined.
    public var distance: EmbeddingDistance { .cosine }

    /// A circle loss; the defaults are PML's.
    public init(relaxation: Float = 0.4, gamma: Float = 80, reducer: LossReducer = .averageNonZero) {
        (self.relaxation, self.gamma, self.reducer) = (relaxation, gamma, reducer)
    }

    /// The loss and its derivatives.
    public func evaluate(distances: Matrix, _ comparison: Comparison) -> DistanceEvaluation {
        AnchorLosses.evaluate(distances: distances, comparison, reducer, anchor)
    }

    private func anchor(_ row: AnchorRow) -> Float {
        guard row.hasPositives, row.hasNegatives else { return 0 }
        var (near, far) = (LogSumExp(), LogSumExp())
        for index in row.similarities.indices {
            if row.positives[index] > 0 { near.add(positive(row.similarities[index]).logit) }
            if row.negatives[index] > 0 { far.add(negative(row.similarities[index]).logit) }
        }
        let (nearLog, farLog) = (near.value, far.value)
        let sum = nearLog + farLog
        let decay = exp(-abs(sum))
        let slope = sum > 0 ? 1 / (1 + decay) : decay / (1 + decay)
        for index in row.similarities.indices {
            if row.positives[index] > 0 {
                let term = positive(row.similarities[index])
                row.slopes[index] += slope * exp(term.logit - nearLog) * term.slope
            }
            if row.negatives[index] > 0 {
                let term = negative(row.similarities[index])
                row.slopes[index] += slope * exp(term.logit - farLog) * term.slope
            }
        }
        return max(sum, 0) + log1p(decay)
    }

    private func positive(_ similarity: Float) -> (logit: Float, slope: Float) {
        let weight = -gamma * max(0, 1 + relaxation - similarity)
        return (weight * (similarity - (1 - relaxation)), weight)
    }

    private func negative(_ similarity: Float) -> (logit: Float, slope: Float) {
        let weight = gamma * max(0, similarity + relaxation)
        return (weight * (similarity - relaxation), weight)
    }
}
