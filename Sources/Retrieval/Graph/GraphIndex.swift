import CHNSW
public import Tensors

/// Approximate search in an HNSW graph: a small part of the rows is looked at, and a few of the nearest may be missed.
public final class GraphIndex: Sendable {
    private let embeddings: EmbeddingFile
    private let graph: GraphFile
    // Made once; oneself guards what its searches share.
    nonisolated(unsafe) private let handle: OpaquePointer

    /// The rows that can be found: the first so many of the embeddings.
    public var count: Int { graph.count }

    /// An index over `graph`, which is over `embeddings`. Throws `InputError` where memory is lacking.
    public init(_ graph: GraphFile, over embeddings: EmbeddingFile) throws {
        let made = graph.withGraph { ftc_hnsw_searcher_make(embeddings.graphVectors, $0) }
        guard let made else { throw Self.outOfMemory }
        (self.embeddings, self.graph, handle) = (embeddings, graph, made)
    }

    deinit { ftc_hnsw_searcher_free(handle) }

    private static var outOfMemory: InputError {
        InputError("index", "takes more memory than there is", remedy: "Search with --index exact.")
    }

    /// Rows near to every row of `queries`, `[queries, dimension]`, best first: at most `effort` of them, of which the nearest are the more
    /// complete the larger `effort` is. Scores are those of the exact index. Rows whose bit in `excluded` is 1 are not found: bit i is bit
    /// i % 8 of byte i / 8. Throws `InputError` where memory is lacking.
    public func search(_ queries: Matrix, effort: Int, excluding excluded: [UInt8]? = nil) throws -> [[Neighbor]] {
        precondition(queries.columns == embeddings.place.dimension, "\(queries.columns) numbers a query")
        precondition(excluded.map { $0.count * 8 >= count } ?? true, "\(excluded?.count ?? 0) bytes for \(count) rows")
        let (unit, effort) = (queries.normalizedRows(), min(effort, count))
        var results = [[Neighbor]?](repeating: nil, count: queries.rows)
        results.withUnsafeMutableBufferPointer { results in
            Parallel.forEachRange(of: queries.rows, length: 1) { range in
                for row in range { results[row] = search(Array(unit.row(row)), effort, excluded) }
            }
        }
        return try results.map {
            guard let found = $0 else { throw Self.outOfMemory }
            return found
        }
    }

    /// Nil where memory is lacking.
    private func search(_ query: [Float], _ effort: Int, _ excluded: [UInt8]?) -> [Neighbor]? {
        // Nothing is near to a query that is not finite.
        guard query.allSatisfy(\.isFinite) else { return [] }
        var (rows, scores) = ([UInt32](repeating: 0, count: effort), [Float](repeating: 0, count: effort))
        let found =
            excluded.map { ftc_hnsw_search(handle, query, effort, $0, &rows, &scores) }
            ?? ftc_hnsw_search(handle, query, effort, nil, &rows, &scores)
        guard found >= 0 else { return nil }
        return query.withUnsafeBufferPointer { query in
            rows.prefix(found).map { row in
                Neighbor(index: Int(row), score: embeddings.vectors.score(of: Int(row), with: query))
            }.sorted(by: Neighbor.precedes)
        }
    }
}
