public import FeatureStorage
public import MetricLearning
import Retrieval
public import Tensors

/// A picture that was found.
public struct FoundPicture: Sendable, Hashable, Codable {
    /// 1 for the nearest.
    public let rank: Int
    /// Cosine similarity to the query, -1...1.
    public let score: Float
    /// Its label, if it has one.
    public let label: String?
    /// Its path.
    public let path: String
}

/// The pictures of a space, ready to be searched under the raw features or a head.
public struct NearestPictures: Sendable {
    /// The pictures and their raw features.
    public let listed: ListedFeatures
    private let index: ExactIndex
    private let head: ProjectionHead?

    /// Reads all features of `space` and applies `head` to them; nil for the raw features. Throws `InputError` where the
    /// space has no listed picture.
    public init(store: FeatureStore, space: FeatureSpace, head: ProjectionHead?) throws {
        listed = try ListedFeatures(store: store, space: space)
        guard !listed.pictures.isEmpty else {
            throw InputError(
                "store", "has no pictures in the space \(space.name)", remedy: "Run finetuner-cache build.")
        }
        let vectors = head?.embeddings(of: listed.table.features) ?? listed.table.features
        index = ExactIndex(vectors.rows(at: listed.rows))
        self.head = head
    }

    /// The `k` nearest pictures to each raw feature, shape `[queries, dimension]`; every path of a content counts as a
    /// picture, and equal scores are ordered by path.
    public func search(_ features: Matrix, k: Int) -> [[FoundPicture]] {
        index.search(head?.embeddings(of: features) ?? features, k: k).map { neighbors in
            neighbors.enumerated().map { position, neighbor in
                let picture = listed.pictures[neighbor.index]
                return FoundPicture(
                    rank: position + 1, score: neighbor.score, label: picture.label, path: picture.path)
            }
        }
    }
}
