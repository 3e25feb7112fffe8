public import Retrieval

/// How well the cosines of held-out pairs follow their scores.
public struct PairComparison: Sendable, Hashable, Codable {
    /// With the raw features.
    public let before: PairCorrelation
    /// With the projection that training began with; nil for a plain head.
    public let projection: PairCorrelation?
    /// With the head.
    public let after: PairCorrelation
}
