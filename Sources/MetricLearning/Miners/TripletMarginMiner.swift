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
        // Counted first, because there may be millions: each anchor then writes to its own part of one array.
        let counts = AnchorChoices.each(of: distances.rows) { anchor in
            var count = 0
            forEachPositive(of: anchor, distances, comparison) { _, near, negatives, far in
                for index in negatives.indices { count += accepts(gap: far[index] - near) ? 1 : 0 }
            }
            return count
        }
        let ends = counts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1) }
        let total = ends[ends.count - 1]
        return .triplets(
            [Triplet](unsafeUninitializedCapacity: total) { triplets, count in
                let places = triplets
                Parallel.forEachRange(of: distances.rows, length: 4) { anchors in
                    for anchor in anchors { write(anchor, distances, comparison, to: places, at: ends[anchor]) }
                }
                count = total
            })
    }

    /// Writes the triplets of an anchor to `places` from `start` on.
    private func write(
        _ anchor: Int, _ distances: Matrix, _ comparison: Comparison,
        to places: UnsafeMutableBufferPointer<Triplet>, at start: Int
    ) {
        var next = start
        forEachPositive(of: anchor, distances, comparison) { positive, near, negatives, far in
            for index in negatives.indices where accepts(gap: far[index] - near) {
                let triplet = Triplet(anchor: anchor, positive: positive, negative: negatives[index])
                places.initializeElement(at: next, to: triplet)
                next += 1
            }
        }
    }

    /// Calls `body` with each positive of an anchor, the distance to it, the anchor's negatives, and the distances to them.
    @inline(__always)
    private func forEachPositive(
        of anchor: Int, _ distances: Matrix, _ comparison: Comparison,
        _ body: (_ positive: Int, _ near: Float, _ negatives: [Int], _ far: [Float]) -> Void
    ) {
        let (positives, negatives) = comparison.partners(of: anchor)
        guard !positives.isEmpty else { return }
        let far = negatives.map { distances[anchor, $0] }
        for positive in positives { body(positive, distances[anchor, positive], negatives, far) }
    }

    @inline(__always)
    private func accepts(gap: Float) -> Bool {
        switch kind {
        case .all: gap <= margin
        case .hard: gap <= margin && gap <= 0
        case .semihard: gap <= margin && gap > 0
        case .easy: gap > margin
        }
    }
}
