import Foundation
public import Tensors

/// pytorch-metric-learning's `NTXentLoss` (Sohn 2016; van den Oord et al. 2018; Chen et al. 2020): for each positive pair
/// `-log(exp(S_ap / T) / (exp(S_ap / T) + sum over the anchor's negatives of exp(S_an / T)))`, and the mean over the positive
/// pairs. Other positives of the anchor are not in the denominator. 0 where the batch has no positive or no negative pair.
public struct NTXentLoss: PairLoss, Hashable {
    /// T.
    public let temperature: Float
    /// The similarity S; a distance is negated.
    public let distance: EmbeddingDistance
    /// How the positive pairs' losses become one number.
    public let reducer: LossReducer

    /// An NT-Xent loss; the defaults are PML's.
    public init(temperature: Float = 0.07, distance: EmbeddingDistance = .cosine, reducer: LossReducer = .mean) {
        (self.temperature, self.distance, self.reducer) = (temperature, distance, reducer)
    }

    /// The loss and its derivatives.
    public func evaluate(distances: Matrix, _ comparison: Comparison) -> DistanceEvaluation {
        let pairs = PairCounts(comparison, isSet: false)
        var slopes = Matrix(rows: distances.rows, columns: distances.columns)
        guard pairs.hasPositives, pairs.hasNegatives else { return DistanceEvaluation(value: 0, slopes: slopes) }
        var sums = [PairTotals](repeating: PairTotals(), count: distances.rows)
        let width = distances.columns
        slopes.withUnsafeMutableElements { slopes in
            sums.withUnsafeMutableBufferPointer { sums in
                Parallel.forEachRange(of: sums.count, length: 8) { rows in
                    for row in rows {
                        let place = slopes.extracting(row * width..<(row + 1) * width)
                        sums[row] = anchor(
                            distances.row(row), pairs.positives.row(row), pairs.negatives.row(row), slopes: place)
                    }
                }
            }
        }
        let total = sums.reduce(PairTotals()) { $0 + $1 }
        let factor = reducer.factor(all: total.all, kept: total.kept)
        slopes.scale(by: Float(factor))
        return DistanceEvaluation(value: Float(total.loss * factor), slopes: slopes)
    }

    /// The sum of the losses of some pairs, how many they are, and how many count.
    private struct PairTotals {
        var (loss, all, kept) = (0.0, 0.0, 0.0)

        static func + (left: PairTotals, right: PairTotals) -> PairTotals {
            PairTotals(loss: left.loss + right.loss, all: left.all + right.all, kept: left.kept + right.kept)
        }
    }

    /// All positive pairs of an anchor. Writes the derivatives by its distances.
    private func anchor(
        _ distances: ArraySlice<Float>, _ positives: ArraySlice<Float>, _ negatives: ArraySlice<Float>,
        slopes: UnsafeMutableBufferPointer<Float>
    ) -> PairTotals {
        let logits = distances.map { -$0 / temperature }
        let (positives, negatives) = (Array(positives), Array(negatives))
        var others = LogSumExp()
        for (logit, count) in zip(logits, negatives) where count > 0 { others.add(logit, count: count) }
        let log = others.value
        var totals = PairTotals()
        // What the negatives' exponentials are multiplied by, summed over the positive pairs, relative to exp(log).
        var pull: Float = 0
        for (index, count) in positives.enumerated() where count > 0 {
            var denominator = LogSumExp()
            denominator.add(logits[index])
            if log > -.infinity { denominator.add(log) }
            let loss = denominator.value - logits[index]
            totals.all += Double(count)
            guard reducer.keeps(loss) else { continue }
            totals.kept += Double(count)
            totals.loss += Double(count * loss)
            slopes[index] += count * (1 - exp(logits[index] - denominator.value)) / temperature
            pull += count * exp(log - denominator.value)
        }
        for (index, count) in negatives.enumerated() where count > 0 {
            slopes[index] -= pull * count * exp(logits[index] - log) / temperature
        }
        return totals
    }
}
