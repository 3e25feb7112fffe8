public import Tensors

/// Chooses the tuples of a batch that a loss should look at. Choices have no derivative.
public protocol Miner: Sendable {
    /// The chosen tuples of `embeddings`, `[batch, dimension]`, with the class of each row in `labels`.
    func mine(embeddings: Matrix, labels: [Int]) -> MinedTuples
}
