/// How near two vectors are.
public enum SearchMetric: String, Sendable, Hashable, Codable, CaseIterable {
    /// The cosine of their angle, -1...1; more is nearer.
    case cosine
    /// Their inner product, lengths included; more is nearer.
    case dot
    /// Their Euclidean distance, lengths included; less is nearer.
    case euclidean
}
