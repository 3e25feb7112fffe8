import Foundation
public import Tensors

/// pytorch-metric-learning's `TripletMarginLoss`: for an anchor a, a positive p and a negative n the loss is
/// `max(0, d(a, p) - d(a, n) + margin)` (Schroff et al. 2015, with PML's defaults: distances of unit vectors, not squared,
/// and the mean over the triplets that are above 0). Triplets are never stored unless a miner gives them.
public struct TripletMarginLoss: PairLoss, Hashable {
    /// How much farther a negative should be than a positive.
    public let margin: Float
    /// Whether d(p, n) takes the place of d(a, n) where it is smaller (Balntas et al. 2016).
    public let swap: Bool
    /// Whether softplus takes the place of max(0, x).
    public let smooth: Bool
    /// The distance d.
    public let distance: EmbeddingDistance
    /// How the triplets' losses become one number.
    public let reducer: LossReducer

    /// A triplet loss; the defaults are PML's.
    public init(
        margin: Float = 0.05, swap: Bool = false, smooth: Bool = false,
        distance: EmbeddingDistance = .euclidean(normalized: true), reducer: LossReducer = .averageNonZero
    ) {
        self.margin = margin
        self.swap = swap
        self.smooth = smooth
        self.distance = distance
        self.reducer = reducer
    }

    /// The loss and its derivatives. Pairs from a miner become all triplets that share an anchor. Without a triplet the loss
    /// is 0. With `swap` the references must be the anchors themselves.
    public func evaluate(distances: Matrix, _ comparison: Comparison) -> DistanceEvaluation {
        precondition(!swap || distances.rows == distances.columns, "swap needs the distances between references")
        var sum = TripletSum(loss: self, distances: distances)
        if let tuples = comparison.tuples { sum.add(tuples.triplets) } else { sum.addAll(comparison) }
        return sum.reduced()
    }

    /// The loss of one triplet whose positive is nearer than its negative by `-violation - margin`, and its slope.
    @inline(__always)
    func term(_ violation: Float) -> (loss: Float, slope: Float) {
        guard smooth else { return violation > 0 ? (violation, 1) : (violation.isNaN ? violation : 0, 0) }
        let decay = exp(-abs(violation))
        return (max(violation, 0) + log1p(decay), violation > 0 ? 1 / (1 + decay) : decay / (1 + decay))
    }
}
