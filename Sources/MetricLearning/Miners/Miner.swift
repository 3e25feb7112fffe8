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
    /// The choices of all anchors one after the other; `choose` gives those of one.
    static func joined<Choice: Sendable>(anchors: Int, _ choose: (Int) -> [Choice]) -> [Choice] {
        var choices = [[Choice]](repeating: [], count: anchors)
        choices.withUnsafeMutableBufferPointer { choices in
            Parallel.forEachRange(of: anchors, length: 4) { range in
                for anchor in range { choices[anchor] = choose(anchor) }
            }
        }
        return Array(choices.joined())
    }
}
