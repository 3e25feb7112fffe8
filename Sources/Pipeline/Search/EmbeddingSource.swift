public import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
public import Tensors

/// What embeddings are made of: the features of a space, and a head that is applied to them or none.
public struct EmbeddingSource: Sendable {
    /// The space.
    public let space: FeatureSpace
    /// The head; none for the raw features.
    public let head: HeadChoice

    /// Embeddings of `space` under `head`.
    public init(space: FeatureSpace, head: HeadChoice) { (self.space, self.head) = (space, head) }

    /// The numbers of an embedding.
    public var dimension: Int { head.loaded?.head.outputDimension ?? space.dimension }

    /// SHA-256 over everything that decides the numbers.
    public var fingerprint: Fingerprint {
        let identity = ["form": "1", "head": head.loaded?.file.hex ?? "none", "space": space.fingerprint.hex]
        do { return try Fingerprint(ofCanonicalJSON: identity) } catch {
            preconditionFailure("strings always have JSON: \(error)")
        }
    }

    /// Embeddings of raw features, shape `[rows, dimension]`, not normalized.
    public func embeddings(of features: Matrix) -> Matrix { head.loaded?.head.embeddings(of: features) ?? features }

    /// The same of all rows of `chunks`. Throws as `StoredChunks.read(at:)` does.
    func embeddings(of chunks: StoredChunks) throws -> Matrix {
        var elements: [Float] = []
        elements.reserveCapacity(chunks.rowCount * dimension)
        try chunks.forEachBlock { elements += embeddings(of: $0).elements }
        return Matrix(rows: chunks.rowCount, columns: dimension, elements: elements)
    }

    /// Where they are kept: beside the head, or in the store's folder for raw features; nil for a head from elsewhere.
    func place(in store: FeatureStore) -> EmbeddingPlace? {
        let folder: String?
        switch head {
        case .none: folder = store.embeddingsFolder
        case .head(let loaded): folder = loaded.folder
        }
        return folder.map { EmbeddingPlace(folder: $0, source: fingerprint, dimension: dimension) }
    }

    /// Unit vectors as they are kept, from raw features. Throws `InputError` where a head makes numbers of them that are not finite.
    func halves(of features: Matrix) throws -> VectorRows {
        let embeddings = embeddings(of: features)
        guard embeddings.elements.allSatisfy(\.isFinite) else {
            throw InputError(
                "head '\(head.name)'", "makes numbers of stored features that are not finite",
                remedy: "Train another one, or search with --head none.")
        }
        return VectorRows(normalizing: embeddings).asFloat16
    }
}
