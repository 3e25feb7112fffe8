public import FeatureStorage
import Retrieval
import Tensors

/// Searches the listed pictures of a space under the raw features or a head.
public struct PictureSearch: Sendable {
    /// What is compared.
    public let source: EmbeddingSource
    /// How.
    public let metric: SearchMetric
    /// The rows that are searched.
    public let chunks: StoredChunks
    /// How neighbors are found, in words, such as `exact search of 1829 pictures`.
    public let manner: String
    private let store: FeatureStore
    private let engine: Engine
    /// The vectors of all rows; nil where lengths count.
    let vectors: VectorRows?
    private let graph: GraphSearch?
    private let effort: Int

    private enum Engine {
        case exact(ExactIndex)
        case scan(MetricScan)
    }

    /// Opens the vectors of `source`, as `StoreEmbeddings` does; for metrics with lengths, raw features and a head's outputs are
    /// read and made anew. Throws `InputError` where the space has no picture, and where a graph is wanted and is missing, damaged or of
    /// other embeddings.
    ///
    /// - Parameters:
    ///   - index: The way; a graph is searched by cosine similarity alone.
    ///   - effort: Candidates in a graph: more miss less and take longer.
    ///   - queryCount: How many queries are to come, by which `auto` decides.
    public init(
        store: FeatureStore, source: EmbeddingSource, metric: SearchMetric = .cosine, index: IndexChoice = .auto,
        effort: Int = 100, expecting queryCount: Int = 1,
        announce: (String) -> Void = { _ in }, progress: @escaping ProgressHandler = { _ in }
    ) throws {
        (self.store, self.source, self.metric, self.effort) = (store, source, metric, effort)
        if metric == .cosine {
            let embeddings = try StoreEmbeddings(source, in: store, announce: announce, progress: progress)
            chunks = embeddings.chunks
            vectors = embeddings.vectors
            engine = .exact(ExactIndex(embeddings.vectors))
            graph = try Self.graph(embeddings, index, queryCount, announce)
        } else {
            precondition(index != .hnsw, "a graph searched by \(metric.rawValue)")
            chunks = try store.chunks(in: source.space)
            engine = .scan(
                MetricScan(try source.embeddings(of: chunks), by: metric == .dot ? .innerProduct : .distance))
            (vectors, graph) = (nil, nil)
        }
        guard chunks.rowCount > 0 else {
            throw InputError(
                store.path, "has no pictures in the space \(source.space.name)", remedy: "Run finetuner-cache build.")
        }
        manner =
            graph.map { graph in
                let more = graph.uncovered > 0 ? ", and \(graph.uncovered) newer ones exactly" : ""
                return "hnsw graph of \(graph.count) contents, effort \(effort)\(more)"
            } ?? "exact search of \(chunks.rowCount) contents"
    }

    /// The graph to search; nil for none.
    private static func graph(
        _ embeddings: StoreEmbeddings, _ choice: IndexChoice, _ queryCount: Int, _ announce: (String) -> Void
    ) throws -> GraphSearch? {
        let vectors = embeddings.vectors
        let products = vectors.count.multipliedReportingOverflow(by: vectors.dimension * max(queryCount, 1))
        let isSlow = products.overflow || products.partialValue > IndexChoice.fastEnough
        guard choice == .hnsw || (choice == .auto && isSlow) else { return nil }
        do {
            guard let kept = embeddings.kept else { throw GraphFile.Absence.missing }
            return try GraphSearch(kept)
        } catch let absence as GraphFile.Absence {
            let error = absence.error(of: embeddings.source)
            if choice == .hnsw { throw error }
            announce(
                absence == .missing
                    ? "this search is faster with a graph, which index build makes" : "searching exactly: \(error)")
            return nil
        }
    }

    /// The `k` nearest pictures to each query, nearest first, equal scores by path; fewer where fewer may be found. Every path of a
    /// content counts as a picture. Throws `InputError` as `FeatureStore.pictures(ofRows:in:)` does.
    public func search(
        _ queries: QueryPictures, k: Int, filter: PictureFilter = PictureFilter()
    ) throws -> [[FoundPicture]] {
        let eligible = try filter.rows(of: chunks, in: store)
        let vectors = source.embeddings(of: queries.features)
        // One more than wanted shows whether the last has its equals.
        var count = min(k, chunks.rowCount - 1) + 1
        while true {
            let neighbors = try neighbors(vectors, count, eligible)
            let found = try pictures(of: neighbors, queries, filter)
            let isEnough = zip(neighbors, found).allSatisfy { neighbors, found in
                guard neighbors.count == count, let last = neighbors.last, count < chunks.rowCount else { return true }
                if let worst = filter.worstScore, isNearer(worst, last.score) { return true }
                return found.count >= k && isNearer(found[k - 1].score, last.score)
            }
            if isEnough { return found.map { Array($0.prefix(k)) } }
            count = min(2 * count + 8, chunks.rowCount)
        }
    }

    /// The label of each query that is a listed picture itself, of several the first by path; nil for others and without a label. Throws
    /// `InputError` as `search` does.
    public func labels(of queries: QueryPictures) throws -> [String?] {
        let wanted = Set(queries.contents)
        let rows = try chunks.rows { wanted.contains($0) }
        let pictures = try store.pictures(ofRows: rows, in: chunks).compactMap(\.first)
        let labels = Dictionary(pictures.map { ($0.content, $0.label) }) { first, _ in first }
        return queries.contents.map { labels[$0] ?? nil }
    }

    /// The `count` rows nearest to each of some rows, themselves among them, by cosine similarity.
    func neighbors(ofRows rows: [Int], count: Int, among eligible: [Bool]?) throws -> [[Neighbor]] {
        guard let vectors else { preconditionFailure("neighbors of rows by \(metric.rawValue)") }
        return try neighbors(vectors.matrix(at: rows), count, eligible)
    }

    private func neighbors(_ queries: Matrix, _ count: Int, _ eligible: [Bool]?) throws -> [[Neighbor]] {
        if let graph {
            let part = eligible.map { Double($0.count { $0 }) / Double($0.count) } ?? 1
            // So many of the rows are wanted, or so few may be found, that a walk would go nearly everywhere.
            if part >= GraphSearch.smallestPart, count * 10 <= chunks.rowCount {
                return try graph.search(queries, count: count, effort: effort, among: eligible)
            }
        }
        return switch engine {
        case .exact(let index): index.search(queries, k: count, excluding: nil, among: eligible)
        case .scan(let scan): scan.search(queries, k: count, among: eligible)
        }
    }

    private func isNearer(_ left: Float, _ right: Float) -> Bool { metric == .euclidean ? left < right : left > right }

    /// The pictures that have the rows which were found and may be found themselves.
    private func pictures(
        of neighbors: [[Neighbor]], _ queries: QueryPictures, _ filter: PictureFilter
    ) throws -> [[FoundPicture]] {
        let rows = Set(neighbors.joined().map(\.index)).sorted()
        let pictures = Dictionary(uniqueKeysWithValues: zip(rows, try store.pictures(ofRows: rows, in: chunks)))
        return neighbors.enumerated().map { query, neighbors in
            var found: [(score: Float, picture: StoredPicture)] = []
            for neighbor in neighbors {
                if let worst = filter.worstScore, isNearer(worst, neighbor.score) { continue }
                let allowed = (pictures[neighbor.index] ?? []).filter { picture in
                    filter.allows(picture)
                        && !(filter.excludesSelf && picture.content == queries.contents[query])
                }
                found += (filter.isUniqueByContent ? allowed.prefix(1) : allowed[...]).map { (neighbor.score, $0) }
            }
            let sorted = found.sorted { left, right in
                left.score == right.score
                    ? left.picture.path.utf8.lexicographicallyPrecedes(right.picture.path.utf8)
                    : isNearer(left.score, right.score)
            }
            return sorted.enumerated().map { position, found in
                FoundPicture(
                    rank: position + 1, score: found.score, label: found.picture.label, path: found.picture.path,
                    id: found.picture.content)
            }
        }
    }
}

extension GraphFile.Absence {
    /// The error to tell of.
    func error(of source: EmbeddingSource) -> InputError {
        let (graph, remedy) = (
            "the graph of head '\(source.head.name)'", "Run finetuner-cache index build --head \(source.head.name)."
        )
        return switch self {
        case .missing: InputError(graph, "is not there", remedy: remedy)
        case .stale: InputError(graph, "is of embeddings that are there no more", remedy: remedy)
        case .damaged(let error): error
        }
    }
}
