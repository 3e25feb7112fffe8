import CHNSW
import Foundation
import Synchronization
import Tensors

/// Makes the HNSW graph over kept embeddings, by hnswlib on all cores, or goes on with one that lacks the last rows. The order in which
/// cores add rows decides the links, so that two graphs over the same rows differ a little.
public struct GraphBuilder: ~Copyable {
    private let embeddings: EmbeddingFile
    private let parameters: GraphParameters
    private let handle: OpaquePointer
    /// Rows that the graph begins with.
    public let known: Int

    private static let rowsPerPiece = 256

    /// A builder over all rows of `embeddings`, which goes on with `graph` where that is given. Throws `InputError` where memory is
    /// lacking.
    public init(over embeddings: EmbeddingFile, parameters: GraphParameters, extending graph: GraphFile? = nil) throws {
        precondition(graph.map { $0.parameters == parameters } ?? true, "a graph with other parameters")
        let vectors = embeddings.graphVectors
        let (links, effort) = (UInt32(parameters.links), UInt32(parameters.constructionEffort))
        let made =
            graph.map { file in
                file.withGraph { graph in
                    withUnsafePointer(to: graph) { ftc_hnsw_builder_make(vectors, links, effort, $0) }
                }
            } ?? ftc_hnsw_builder_make(vectors, links, effort, nil)
        guard let handle = made else { throw Self.outOfMemory }
        (self.embeddings, self.parameters, self.handle) = (embeddings, parameters, handle)
        known = graph?.count ?? 0
    }

    deinit { ftc_hnsw_builder_free(handle) }

    private static var outOfMemory: InputError {
        InputError("index", "takes more memory than there is", remedy: "Use fewer links, or search without an index.")
    }

    /// Adds the rows that are missing; `progress` is told how many of them are done, `isStopped` asked whether to go on. False where it was
    /// stopped.
    public func addRows(progress: (_ done: Int, _ total: Int) -> Void, isStopped: () -> Bool = { false }) throws -> Bool
    {
        let total = embeddings.vectors.count - known
        // The first rows by one core: with none to link to, they would be linked to nothing.
        var done = 0
        while done < total {
            if isStopped() { return false }
            let step = min(done == 0 && known == 0 ? 1 : 8192, total - done)
            let failures = Atomic(0)
            let first = known + done
            nonisolated(unsafe) let handle = handle
            Parallel.forEachRange(of: step, length: Self.rowsPerPiece) { rows in
                for row in rows where ftc_hnsw_builder_add(handle, UInt32(first + row)) != 0 {
                    failures.add(1, ordering: .relaxed)
                }
            }
            guard failures.load(ordering: .relaxed) == 0 else { throw Self.outOfMemory }
            done += step
            progress(done, total)
        }
        return true
    }

    /// Writes the graph beside the embeddings, in place of the one that is there. All rows must have been added.
    public func write() throws {
        let count = embeddings.vectors.count
        var header = GraphHeader(
            parameters: parameters, dimension: embeddings.place.dimension, source: embeddings.place.source,
            generation: embeddings.generation)
        (header.count, header.upperCount) = (count, ftc_hnsw_builder_upper_count(handle))
        var base = [UInt32](repeating: 0, count: count * (1 + 2 * parameters.links))
        var levels = [UInt8](repeating: 0, count: (count + 3) / 4 * 4)
        var upper = [UInt32](repeating: 0, count: header.upperCount)
        ftc_hnsw_builder_write(handle, &base, &levels, &upper, &header.entry, &header.topLevel)
        let sections = [base.withUnsafeBytes { Data($0) }, Data(levels), upper.withUnsafeBytes { Data($0) }]
        header.checksums = sections.map { $0.withUnsafeBytes { Checksum.crc32c($0) } }
        try AtomicFile.write(to: embeddings.place.graph) { file in
            try file.write(contentsOf: header.encoded())
            for section in sections { try file.write(contentsOf: section) }
        }
    }
}

extension EmbeddingFile {
    /// The vectors for a graph; their memory lives as long as this file does.
    var graphVectors: ftc_hnsw_vectors {
        var rows: UnsafePointer<UInt16>?
        vectors.forEachPiece(of: 0..<vectors.count) { bytes, _ in
            rows = bytes.baseAddress?.assumingMemoryBound(to: UInt16.self)
        }
        return ftc_hnsw_vectors(rows: rows, count: vectors.count, dimension: vectors.dimension)
    }
}
