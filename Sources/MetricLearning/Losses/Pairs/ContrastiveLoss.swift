public import Tensors

/// pytorch-metric-learning's `ContrastiveLoss` (Hadsell, Chopra and LeCun 2006, with distances that are not squared): the mean
/// of `max(0, d - pos_margin)` over positive pairs plus the mean of `max(0, neg_margin - d)` over negative ones, each over those
/// above 0. With a similarity the signs are exchanged. Both (i, j) and (j, i) are pairs.
public struct ContrastiveLoss: PairLoss, Hashable {
    /// How near positives should be.
    public let positiveMargin: Float
    /// How far negatives should be.
    public let negativeMargin: Float
    /// The distance d.
    public let distance: EmbeddingDistance
    /// How the pairs' losses become one number, on each side.
    public let reducer: LossReducer

    /// A contrastive loss; the defaults are PML's.
    public init(
        positiveMargin: Float = 0, negativeMargin: Float = 1,
        distance: EmbeddingDistance = .euclidean(normalized: true),
        reducer: LossReducer = .averageNonZero
    ) {
        self.positiveMargin = positiveMargin
        self.negativeMargin = negativeMargin
        self.distance = distance
        self.reducer = reducer
    }

    /// The loss and its derivatives. A side without pairs is 0.
    public func evaluate(distances: Matrix, _ comparison: Comparison) -> DistanceEvaluation {
        let pairs = PairCounts(comparison, isSet: false)
        // Similarities come negated, and so their margins.
        let sign: Float = distance.isSimilarity ? -1 : 1
        let (near, far) = (sign * positiveMargin, sign * negativeMargin)
        let positive = PairSum(distances, pairs.positives, reducer) { ($0 - near, 1) }
        let negative = PairSum(distances, pairs.negatives, reducer) { (far - $0, -1) }
        return DistanceEvaluation(
            value: Float(positive.value + negative.value), slopes: positive.slopes.adding(negative.slopes))
    }
}

/// Hinge losses of pairs added up: `max(0, x)` of each pair that counts.
private struct PairSum {
    let value: Double
    let slopes: Matrix

    /// The pairs of which `counts` has any; `hinge` gives x of a distance, and its slope.
    init(
        _ distances: Matrix, _ counts: Matrix, _ reducer: LossReducer, _ hinge: (Float) -> (value: Float, slope: Float)
    ) {
        var (total, all, kept) = (0.0, 0.0, 0.0)
        var slopes = Matrix(rows: distances.rows, columns: distances.columns)
        slopes.withUnsafeMutableElements { slopes in
            for (index, (distance, count)) in zip(distances.elements, counts.elements).enumerated() where count > 0 {
                let (value, slope) = hinge(distance)
                let loss = value <= 0 ? 0 : value
                all += Double(count)
                guard reducer.keeps(loss) else { continue }
                kept += Double(count)
                total += Double(count * loss)
                slopes[index] = value <= 0 ? 0 : count * slope
            }
        }
        let factor = reducer.factor(all: all, kept: kept)
        slopes.scale(by: Float(factor))
        value = total * factor
        self.slopes = slopes
    }
}

extension Matrix {
    fileprivate func adding(_ other: Matrix) -> Matrix {
        Matrix(rows: rows, columns: columns) { target in
            for index in target.indices { target[index] = elements[index] + other.elements[index] }
        }
    }
}
