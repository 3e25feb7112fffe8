public import Tensors

/// A picture that was found.
public struct FoundPicture: Sendable, Hashable, Codable {
    /// 1 for the nearest.
    public let rank: Int
    /// How near it is, as `SearchMetric` says: cosine similarity to the query, -1...1, where nothing else was asked for.
    public let score: Float
    /// Its label, if it has one.
    public let label: String?
    /// Its path.
    public let path: String
    /// SHA-256 of the file's bytes.
    public let id: Fingerprint
}
