public import FeatureStorage
import Foundation
public import Retrieval
import Tensors

/// The unit vectors of all rows of a space under the raw features or a head, ready to be searched.
///
/// A head is applied to each row once: its embeddings are kept beside it as `float16`, and only what is new is computed. Raw features
/// are kept so where `index build` began it; else they are read from the store's chunks each time.
public struct StoreEmbeddings: Sendable {
    /// What the vectors are of.
    public let source: EmbeddingSource
    /// The rows.
    public let chunks: StoredChunks
    /// A vector for each row of `chunks`.
    public let vectors: VectorRows
    /// Where the rows are kept; nil where they are in memory.
    public let kept: KeptRows?

    /// Which embeddings are kept.
    public enum Keeping: Sendable {
        /// Those of heads, and those of raw features where some are there already. Where nothing can be written, none.
        case usual
        /// These, or it is an error.
        case always
    }

    /// Opens the vectors of `source` and makes those that are missing. Throws `InputError` where chunks cannot be read, where the head
    /// makes something of them that is not finite, and where vectors cannot be written; but where the place is one that nobody may
    /// write to, usually, they are made in memory, which `announce` says.
    public init(
        _ source: EmbeddingSource, in store: FeatureStore, keeping: Keeping = .usual,
        announce: (String) -> Void = { _ in }, progress: @escaping ProgressHandler = { _ in }
    ) throws {
        (self.source, chunks) = (source, try store.chunks(in: source.space))
        let update = EmbeddingUpdate(source: source, chunks: chunks, progress: progress)
        let (file, rows) = try Self.file(update, in: store, keeping, announce)
        if let rows {
            (vectors, kept) = (rows.vectors, rows)
        } else if file == nil, source.head.loaded == nil {
            vectors = try Self.normalized(chunks)
            kept = nil
        } else {
            (vectors, kept) = (try Self.inMemory(update, file), nil)
        }
    }

    /// What is kept, brought up to date where it is wanted and can be, and all rows in it; nil where it lacks some.
    private static func file(
        _ update: EmbeddingUpdate, in store: FeatureStore, _ keeping: Keeping, _ announce: (String) -> Void
    ) throws -> (file: EmbeddingFile?, rows: KeptRows?) {
        guard let place = update.source.place(in: store) else {
            guard keeping == .usual else {
                throw InputError(
                    "head '\(update.source.head.name)'", "is no head of this store, which can keep nothing of it",
                    remedy: "Use a head of the store.")
            }
            return (nil, nil)
        }
        func opened() throws -> (file: EmbeddingFile?, rows: KeptRows?) {
            let file = try EmbeddingFile(at: place)
            return (file, file.flatMap { KeptRows($0, update.chunks) })
        }
        let known = try opened()
        let isWanted = keeping == .always || update.source.head.loaded != nil || known.file != nil
        guard isWanted, known.rows == nil else { return known }
        guard keeping == .always || isWritable(place.folder) else {
            announce("embeddings are not kept: \(place.folder) cannot be written to")
            return known
        }
        try makeFolder(place.folder)
        try update.keep(at: place)
        return try opened()
    }

    /// The raw features of all rows.
    private static func normalized(_ chunks: StoredChunks) throws -> VectorRows {
        var parts: [VectorRows] = []
        try chunks.forEachBlock { parts.append(VectorRows(normalizing: $0)) }
        return .joined(parts, dimension: chunks.space.dimension, element: .float32)
    }

    /// All vectors, those that `file` lacks made anew.
    private static func inMemory(_ update: EmbeddingUpdate, _ file: EmbeddingFile?) throws -> VectorRows {
        let chunks = update.chunks
        var parts: [VectorRows?] = (0..<chunks.count).map { position in
            guard let file, let rows = file.rows(of: chunks.identity(at: position)) else { return nil }
            return file.vectors.rows(in: rows)
        }
        try update.make(parts.indices.filter { parts[$0] == nil }) { parts[$0] = $1 }
        return .joined(parts.compactMap(\.self), dimension: update.source.dimension, element: .float16)
    }

    private static func isWritable(_ folder: String) -> Bool {
        let isThere = FileManager.default.fileExists(atPath: folder)
        return access(isThere ? folder : folder.parentFolder, W_OK | X_OK) == 0
    }

    private static func makeFolder(_ folder: String) throws {
        guard mkdir(folder, 0o755) == 0 else {
            guard errno == EEXIST else {
                throw InputError(
                    folder, "cannot be made: \(InputError.systemReason)", remedy: "Check the rights there.")
            }
            return
        }
        // Else a power cut could take the folder with all that is in it.
        try AtomicFile.synchronizeFolder(folder.parentFolder)
    }
}
