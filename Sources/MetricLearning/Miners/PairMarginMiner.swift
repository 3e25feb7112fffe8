public import Tensors

/// pytorch-metric-learning's `PairMarginMiner`: the positive pairs that are farther apart than one margin, and the negative pairs
/// that are nearer than another. With a similarity, those less similar and more similar.
public struct PairMarginMiner: Miner, Hashable {
    /// How near positives should be, and how far negatives.
    public let positiveMargin, negativeMargin: Float
    /// The distance.
    public let distance: EmbeddingDistance

    /// A miner; the defaults are PML's.
    public init(
        positiveMargin: Float = 0.2, negativeMargin: Float = 0.8,
        distance: EmbeddingDistance = .euclidean(normalized: true)
    ) {
        (self.positiveMargin, self.negativeMargin, self.distance) = (positiveMargin, negativeMargin, distance)
    }

    /// The chosen pairs.
    public func mine(distances: Matrix, _ comparison: Comparison) -> MinedTuples {
        // Similarities come negated, and so their margins.
        let sign: Float = distance.isSimilarity ? -1 : 1
        return AnchorChoices.pairs(anchors: distances.rows) { anchor in
            let (near, far) = comparison.partners(of: anchor)
            return (
                near.filter { distances[anchor, $0] > sign * positiveMargin },
                far.filter { distances[anchor, $0] < sign * negativeMargin }
            )
        }
    }
}
