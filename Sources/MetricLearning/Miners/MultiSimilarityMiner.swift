public import Tensors

/// pytorch-metric-learning's `MultiSimilarityMiner` (Wang et al. 2019, equations 11 and 12): for each anchor the negatives that
/// are nearly as similar as its least similar positive, and the positives that are nearly as dissimilar as its most similar
/// negative.
public struct MultiSimilarityMiner: Miner, Hashable {
    /// How near to the bound counts.
    public let epsilon: Float
    /// The similarity.
    public let distance: EmbeddingDistance

    /// A miner; the defaults are PML's.
    public init(epsilon: Float = 0.1, distance: EmbeddingDistance = .cosine) {
        (self.epsilon, self.distance) = (epsilon, distance)
    }

    /// The chosen pairs.
    public func mine(distances: Matrix, _ comparison: Comparison) -> MinedTuples {
        AnchorChoices.pairs(anchors: distances.rows) { anchor in
            let (near, far) = comparison.partners(of: anchor)
            guard let farthest = near.lazy.map({ distances[anchor, $0] }).max(),
                let nearest = far.lazy.map({ distances[anchor, $0] }).min()
            else { return ([], []) }
            return (
                near.filter { distances[anchor, $0] + epsilon > nearest },
                far.filter { distances[anchor, $0] - epsilon < farthest }
            )
        }
    }
}
