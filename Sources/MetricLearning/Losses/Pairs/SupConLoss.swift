import Foundation
public import Tensors

/// pytorch-metric-learning's `SupConLoss` (Khosla et al. 2020, equation 2): for each anchor the mean over its positives of
/// `log(sum over positives and negatives of exp(S / T)) - S / T`, and the mean over the anchors above 0.
public struct SupConLoss: PairLoss, Hashable {
    /// T.
    public let temperature: Float
    /// The similarity S; a distance is negated.
    public let distance: EmbeddingDistance
    /// How the anchors' losses become one number.
    public let reducer: LossReducer

    /// A supervised contrastive loss; the defaults are PML's.
    public init(
        temperature: Float = 0.1, distance: EmbeddingDistance = .cosine, reducer: LossReducer = .averageNonZero
    ) {
        (self.temperature, self.distance, self.reducer) = (temperature, distance, reducer)
    }

    /// The loss and its derivatives. It is 0 where no pair is positive or none is negative.
    public func evaluate(distances: Matrix, _ comparison: Comparison) -> DistanceEvaluation {
        AnchorLosses.evaluate(distances: distances, comparison, reducer, needsBoth: true, anchor)
    }

    private func anchor(_ row: AnchorRow) -> Float {
        let positives = row.positives.reduce(0, +)
        guard positives > 0 else { return 0 }
        var sum = LogSumExp()
        var own: Float = 0
        for index in row.similarities.indices where row.positives[index] + row.negatives[index] > 0 {
            let logit = row.similarities[index] / temperature
            sum.add(logit)
            own += row.positives[index] * logit
        }
        let value = sum.value
        for index in row.similarities.indices where row.positives[index] + row.negatives[index] > 0 {
            let share = exp(row.similarities[index] / temperature - value)
            row.slopes[index] = (share - row.positives[index] / positives) / temperature
        }
        return value - own / positives
    }
}
