public import Tensors

/// pytorch-metric-learning's `TripletMarginMiner`: chooses triplets by their gap g = d(a, n) - d(a, p).
public struct TripletMarginMiner: Miner, Hashable {
    /// Which triplets are chosen.
    public enum Kind: String, Sendable, Hashable, CaseIterable {
        /// g <= margin: everything that violates the margin.
        case all
        /// g <= 0: the negative is no farther than the positive.
        case hard
        /// 0 < g <= margin: the negative is farther, but not by more than the margin.
        case semihard
        /// g > margin: everything that keeps the margin.
        case easy
    }

    /// The gap that divides easy triplets from the others.
    public let margin: Float
    /// Which triplets are chosen.
    public let kind: Kind
    /// The distance d; a similarity is negated.
    public let distance: EmbeddingDistance

    /// A miner; the defaults are PML's.
    public init(
        margin: Float = 0.2, kind: Kind = .all, distance: EmbeddingDistance = .euclidean(normalized: true)
    ) {
        self.margin = margin
        self.kind = kind
        self.distance = distance
    }

    /// The chosen triplets, ordered by anchor, positive and negative.
    public func mine(distances: Matrix, _ comparison: Comparison) -> MinedTuples {
        .triplets(
            AnchorChoices.joined(anchors: distances.rows) { anchor in
                let (positives, negatives) = comparison.partners(of: anchor)
                let own = Array(distances.row(anchor))
                return positives.flatMap { positive in
                    negatives.lazy.filter { accepts(gap: own[$0] - own[positive]) }
                        .map { Triplet(anchor: anchor, positive: positive, negative: $0) }
                }
            })
    }

    private func accepts(gap: Float) -> Bool {
        switch kind {
        case .all: gap <= margin
        case .hard: gap <= margin && gap <= 0
        case .semihard: gap <= margin && gap > 0
        case .easy: gap > margin
        }
    }
}
