/// Rows of a batch: an anchor, a positive with its label and a negative with another.
public struct Triplet: Sendable, Hashable {
    // 32 bits, because a large batch has millions of triplets.
    private let rows: (Int32, Int32, Int32)

    /// The anchor's row.
    public var anchor: Int { Int(rows.0) }
    /// The positive's row.
    public var positive: Int { Int(rows.1) }
    /// The negative's row.
    public var negative: Int { Int(rows.2) }

    /// A triplet of rows.
    public init(anchor: Int, positive: Int, negative: Int) {
        rows = (Int32(anchor), Int32(positive), Int32(negative))
    }

    /// Whether both name the same rows.
    public static func == (left: Self, right: Self) -> Bool { left.rows == right.rows }

    /// Feeds the rows to `hasher`.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(rows.0)
        hasher.combine(rows.1)
        hasher.combine(rows.2)
    }
}

/// Rows of a batch: an anchor and a row that it is compared with.
public struct AnchoredPair: Sendable, Hashable {
    /// The anchor's row.
    public let anchor: Int
    /// The other row.
    public let other: Int

    /// A pair of rows.
    public init(anchor: Int, other: Int) {
        self.anchor = anchor
        self.other = other
    }
}

/// What a miner chose from a batch: triplets, or positive and negative pairs (pytorch-metric-learning's tuples of three
/// and of four index arrays).
public enum MinedTuples: Sendable, Hashable {
    /// Triplets.
    case triplets([Triplet])
    /// Pairs with equal labels and pairs with different ones.
    case pairs(positive: [AnchoredPair], negative: [AnchoredPair])

    /// The triplets; for pairs, every positive pair with every negative pair of the same anchor.
    public var triplets: [Triplet] {
        switch self {
        case .triplets(let triplets): return triplets
        case .pairs(let positive, let negative):
            let negatives = Dictionary(grouping: negative, by: \.anchor)
            return positive.flatMap { pair in
                negatives[pair.anchor, default: []].map {
                    Triplet(anchor: pair.anchor, positive: pair.other, negative: $0.other)
                }
            }
        }
    }
}
