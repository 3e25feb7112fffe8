public import Tensors

/// pytorch-metric-learning's `BatchHardMiner` (Hermans et al. 2017): for each anchor the farthest positive with the nearest
/// negative. Anchors without either are left out. Of equals the first row is chosen, which PML leaves open.
public struct BatchHardMiner: Miner, Hashable {
    /// The distance.
    public let distance: EmbeddingDistance

    /// A miner; the default is PML's.
    public init(distance: EmbeddingDistance = .euclidean(normalized: true)) { self.distance = distance }

    /// One triplet for each anchor that has both.
    public func mine(distances: Matrix, _ comparison: Comparison) -> MinedTuples {
        let choices: [Triplet?] = AnchorChoices.each(of: distances.rows) { anchor in
            let (positives, negatives) = comparison.partners(of: anchor)
            let farthest = positives.first(.farthest, in: distances, anchor)
            let nearest = negatives.first(.nearest, in: distances, anchor)
            guard let farthest, let nearest else { return nil }
            return Triplet(anchor: anchor, positive: farthest, negative: nearest)
        }
        return .triplets(choices.compactMap { $0 })
    }
}

/// Which of some references is wanted.
enum DistanceOrder { case nearest, farthest }

extension [Int] {
    /// The reference that is nearest to or farthest from the anchor, the first of equals; nil where there is none.
    func first(_ order: DistanceOrder, in distances: Matrix, _ anchor: Int) -> Int? {
        guard let first else { return nil }
        return dropFirst().reduce(first) { best, reference in
            let (own, other) = (distances[anchor, best], distances[anchor, reference])
            return (order == .nearest ? other < own : other > own) ? reference : best
        }
    }
}
