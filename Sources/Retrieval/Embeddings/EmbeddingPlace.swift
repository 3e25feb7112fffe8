public import Tensors

/// Where the embeddings of a head are kept: three files in a folder, whose names say what they are of, so that embeddings of a head
/// that was replaced are never taken for those of the new one.
public struct EmbeddingPlace: Sendable, Hashable {
    /// The folder.
    public let folder: String
    /// What the embeddings are of: everything that decides their numbers.
    public let source: Fingerprint
    /// The numbers of an embedding.
    public let dimension: Int

    /// The place in `folder` for embeddings of `source`.
    public init(folder: String, source: Fingerprint, dimension: Int) {
        (self.folder, self.source, self.dimension) = (folder, source, dimension)
    }

    /// How the names of all such files begin.
    public static let prefix = "embeddings-"

    /// What the names of the files have in common.
    var stem: String { "\(Self.prefix)\(source.hex.prefix(16))" }
    /// The embeddings, a NumPy array of `float16`, shape `[rows, dimension]`; rows may be there that count no more.
    public var array: String { "\(folder)/\(stem).npy" }
    /// Which rows are of which chunks.
    public var manifest: String { "\(folder)/\(stem).rows" }
    /// The HNSW graph over the rows.
    public var graph: String { "\(folder)/\(stem).hnsw" }
}
