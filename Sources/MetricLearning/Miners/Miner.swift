public import Tensors

/// Chooses the tuples of a batch that a loss should look at. Choices have no derivative, and do not depend on the number of
/// threads.
public protocol Miner: Sendable {
    /// The distance by which it chooses.
    var distance: EmbeddingDistance { get }

    /// The chosen tuples, as rows of anchors and references: `distances` `[anchors, references]`, larger ones farther (similarities
    /// are negated). Tuples that `comparison` brings are not looked at.
    func mine(distances: Matrix, _ comparison: Comparison) -> MinedTuples
}

extension Miner {
    /// The chosen tuples of `embeddings`, `[batch, dimension]`, with the class of each row in `labels`.
    public func mine(embeddings: Matrix, labels: [Int]) -> MinedTuples {
        precondition(
            labels.count == embeddings.rows, "\(labels.count) labels for \(embeddings.rows) embeddings")
        return mine(distances: PairwiseDistances(embeddings, distance).values, Comparison(batch: labels))
    }
}

/// What miners choose anchor by anchor, anchors in parallel.
enum AnchorChoices {
    /// Whatever `choose` gives for each anchor.
    static func each<Choice: Sendable>(of anchors: Int, _ choose: (Int) -> Choice) -> [Choice] {
        [Choice](unsafeUninitializedCapacity: anchors) { choices, count in
            let places = UnsafeMutableBufferPointer(rebasing: choices[..<anchors])
            Parallel.forEachRange(of: anchors, length: 4) { range in
                for anchor in range { places.initializeElement(at: anchor, to: choose(anchor)) }
            }
            count = anchors
        }
    }

    /// The pairs of all anchors with the references that `choose` gives for each.
    static func pairs(
        anchors: Int, _ choose: (Int) -> (positives: [Int], negatives: [Int])
    ) -> MinedTuples {
        let choices = each(of: anchors, choose)
        func pairs(_ side: KeyPath<(positives: [Int], negatives: [Int]), [Int]>) -> [AnchoredPair] {
            var pairs: [AnchoredPair] = []
            pairs.reserveCapacity(choices.reduce(0) { $0 + $1[keyPath: side].count })
            for (anchor, choice) in choices.enumerated() {
                for other in choice[keyPath: side] { pairs.append(AnchoredPair(anchor: anchor, other: other)) }
            }
            return pairs
        }
        return .pairs(positive: pairs(\.positives), negative: pairs(\.negatives))
    }
}
