public import Retrieval

/// One epoch in numbers, as the journal of a run keeps it.
public struct EpochReport: Sendable, Hashable, Codable {
    /// The epoch; 0 is what there is before training.
    public let epoch: Int
    /// The steps made so far.
    public let steps: Int
    /// The mean loss; nil before training.
    public let loss: Float?
    /// The learning rate of the last step; nil before training.
    public let learningRate: Double?
    /// Retrieval among held-out pictures; nil where there are none.
    public let metrics: RetrievalMetrics?
    /// The value of the monitored metric; nil where there is none.
    public let monitored: Double?
    /// Whether it is the best so far.
    public let isBest: Bool
    /// When the epoch ended, in seconds since 1970.
    public let time: Double
}
