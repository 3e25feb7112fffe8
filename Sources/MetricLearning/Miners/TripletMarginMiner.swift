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
    public func mine(embeddings: Matrix, labels: [Int]) -> MinedTuples {
        precondition(
            labels.count == embeddings.rows, "\(labels.count) labels for \(embeddings.rows) embeddings")
        let distances = PairwiseDistances(embeddings, distance).values
        var chosen: [Triplet] = []
        for anchor in labels.indices {
            let own = distances.row(anchor)
            let start = own.startIndex
            let positives = labels.indices.filter { $0 != anchor && labels[$0] == labels[anchor] }
            let negatives = labels.indices.filter { labels[$0] != labels[anchor] }
            for positive in positives {
                for negative in negatives where accepts(gap: own[start + negative] - own[start + positive]) {
                    chosen.append(Triplet(anchor: anchor, positive: positive, negative: negative))
                }
            }
        }
        return .triplets(chosen)
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
