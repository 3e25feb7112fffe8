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
    private let table: FeatureTable
    private let pictures: [FeatureStorage.StoredPicture]
    private let rowOfPicture: [Int]
    private let embeddings: Matrix
    private let head: ProjectionHead?

    /// Reads all features of `space` and applies `head` to them; nil for the raw features.
    public init(store: FeatureStore, space: FeatureSpace, head: ProjectionHead?) throws {
        table = try store.readFeatures(in: space)
        var rowOf: [Fingerprint: Int] = [:]
        for (row, content) in table.contents.enumerated() { rowOf[content] = row }
        pictures = try store.pictures(in: space).filter { rowOf[$0.content] != nil }
        guard !pictures.isEmpty else {
            throw InputError(
                "store", "has no pictures in the space \(space.name)", remedy: "Run finetuner-cache build.")
        }
        rowOfPicture = pictures.compactMap { rowOf[$0.content] }
        embeddings = head.map { [table] in $0.embeddings(of: table.features) } ?? table.features
        self.head = head
    }

    /// The features as they are stored.
    public var featureTable: FeatureTable { table }

    /// Pictures that are searched.
    public var count: Int { pictures.count }

    /// The `k` nearest pictures to each raw feature, shape `[queries, dimension]`; every path of a content counts as a
    /// picture, and equal scores are ordered by path.
    public func search(_ features: Matrix, k: Int) -> [[FoundPicture]] {
        let queries = head?.embeddings(of: features) ?? features
        let index = ExactIndex(embeddings.rows(at: rowOfPicture))
        return index.search(queries, k: k).map { neighbors in
            neighbors.enumerated().map { position, neighbor in
                let picture = pictures[neighbor.index]
                return FoundPicture(
                    rank: position + 1, score: neighbor.score, label: picture.label, path: picture.path)
            }
        }
    }
}
