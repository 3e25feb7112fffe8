public import Tensors

/// pytorch-metric-learning's `BatchEasyHardMiner` (Xuan et al. 2020): for each anchor one positive and one negative, each chosen
/// by a strategy, as two pairs. Anchors that lack either are left out, unless a side takes all: then the sides do not ask for each
/// other. Of equals the first row is chosen, which PML leaves open.
public struct BatchEasyHardMiner: Miner, Hashable {
    /// How a positive or a negative is chosen.
    public enum Strategy: String, Sendable, Hashable, CaseIterable {
        /// The nearest positive, the farthest negative.
        case easy
        /// The farthest positive, the nearest negative.
        case hard
        /// The hardest that still is in order: the nearest negative that is farther than the chosen positive, or the farthest
        /// positive that is nearer than the chosen negative.
        case semihard
        /// All.
        case all
    }

    /// How positives and negatives are chosen.
    public let positives, negatives: Strategy
    /// The distance.
    public let distance: EmbeddingDistance

    /// A miner; the defaults are PML's. Throws `InputError` where one side is semihard and the other does not choose one row.
    public init(
        positives: Strategy = .easy, negatives: Strategy = .semihard,
        distance: EmbeddingDistance = .euclidean(normalized: true)
    ) throws {
        let hasSemihard = positives == .semihard || negatives == .semihard
        let hasFixed = [positives, negatives].contains { $0 == .easy || $0 == .hard }
        guard !hasSemihard || hasFixed else {
            throw InputError(
                "BatchEasyHardMiner", "cannot choose \(positives) positives with \(negatives) negatives",
                remedy: "Beside semihard, use easy or hard.")
        }
        (self.positives, self.negatives, self.distance) = (positives, negatives, distance)
    }

    /// The chosen pairs.
    public func mine(distances: Matrix, _ comparison: Comparison) -> MinedTuples {
        AnchorChoices.pairs(anchors: distances.rows) { anchor in
            let (near, far) = comparison.partners(of: anchor)
            return chosen(anchor, near, far, distances)
        }
    }

    private func chosen(
        _ anchor: Int, _ near: [Int], _ far: [Int], _ distances: Matrix
    ) -> (positives: [Int], negatives: [Int]) {
        let positive = fixed(positives, near, easy: .nearest, hard: .farthest, distances, anchor)
        let negative = fixed(negatives, far, easy: .farthest, hard: .nearest, distances, anchor)
        let (chosenPositives, chosenNegatives): ([Int], [Int])
        switch (positives, negatives) {
        case (.semihard, _):
            let bound = negative.first.map { distances[anchor, $0] } ?? -.infinity
            chosenPositives = one(near.filter { distances[anchor, $0] < bound }.first(.farthest, in: distances, anchor))
            chosenNegatives = negative
        case (_, .semihard):
            let bound = positive.first.map { distances[anchor, $0] } ?? .infinity
            chosenNegatives = one(far.filter { distances[anchor, $0] > bound }.first(.nearest, in: distances, anchor))
            chosenPositives = positive
        default: (chosenPositives, chosenNegatives) = (positive, negative)
        }
        let isPaired = positives != .all && negatives != .all
        guard !isPaired || (!chosenPositives.isEmpty && !chosenNegatives.isEmpty) else {
            return ([], [])
        }
        return (chosenPositives, chosenNegatives)
    }

    private func one(_ row: Int?) -> [Int] { row.map { [$0] } ?? [] }

    /// The rows that a strategy chooses by itself; none for semihard, which depends on the other side.
    private func fixed(
        _ strategy: Strategy, _ rows: [Int], easy: DistanceOrder, hard: DistanceOrder, _ distances: Matrix,
        _ anchor: Int
    ) -> [Int] {
        switch strategy {
        case .easy: one(rows.first(easy, in: distances, anchor))
        case .hard: one(rows.first(hard, in: distances, anchor))
        case .all: rows
        case .semihard: []
        }
    }
}
