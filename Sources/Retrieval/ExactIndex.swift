public import Tensors

/// Exhaustive search by cosine similarity: every query is compared with every row.
///
/// Products of whole blocks (at most 64 MB of scores at a time) find the rows that can be among the nearest; those are
/// scored again by a sum in a fixed order. So the result is the same on every machine with any number of threads: nearest
/// first, rows of equal score by index. Rows and queries that are not finite come last.
public struct ExactIndex: NearestNeighborIndex {
    /// The rows, divided by their lengths.
    let unitRows: Matrix
    private let blockCapacity: Int

    private static let queriesPerBlock = 256

    /// An index over the rows of `embeddings`, `[count, dimension]`, which are normalized to unit length here. A row of
    /// zeros has the similarity 0 to everything.
    public init(_ embeddings: Matrix) {
        self.init(embeddings, blockCapacity: CosineScores.defaultBlockCapacity)
    }

    /// An index that computes at most `blockCapacity` scores at a time.
    init(_ embeddings: Matrix, blockCapacity: Int) {
        unitRows = embeddings.normalizedRows()
        self.blockCapacity = max(blockCapacity, 1)
    }

    /// The number of rows.
    public var count: Int { unitRows.rows }

    /// The `k` nearest rows for every row of `queries`.
    public func search(_ queries: Matrix, k: Int) -> [[Neighbor]] {
        search(queries, k: k, excluding: nil, among: nil)
    }

    /// The `k` nearest rows for every row of `queries`, `[queries, dimension]`, best first; fewer where fewer are left.
    ///
    /// - Parameters:
    ///   - queries: Embeddings of the index's dimension, not necessarily normalized.
    ///   - k: How many neighbors, at least 1.
    ///   - own: For each query a row that is not its neighbor, as when the query itself is in the index; nil for none.
    ///   - eligible: For each row whether it may be found, as when only some labels are wanted; nil for all.
    public func search(
        _ queries: Matrix, k: Int, excluding own: [Int?]?, among eligible: [Bool]? = nil
    ) -> [[Neighbor]] {
        precondition(k > 0, "\(k) neighbors wanted")
        precondition(own.map { $0.count == queries.rows } ?? true, "an exclusion for each of \(queries.rows) queries")
        precondition(eligible.map { $0.count == count } ?? true, "an eligibility for each of \(count) rows")
        let search = BlockSearch(
            scores: CosineScores(queries: queries.normalizedRows(), index: unitRows), k: min(k, count), own: own,
            eligible: eligible)
        var scratch: [Float] = []
        return stride(from: 0, to: queries.rows, by: Self.queriesPerBlock).flatMap { start in
            let rows = start..<min(start + Self.queriesPerBlock, queries.rows)
            return search.neighbors(of: rows, blockCapacity: blockCapacity, scratch: &scratch)
        }
    }
}

/// One search, which takes some queries at a time.
private struct BlockSearch {
    let scores: CosineScores
    let k: Int
    let own: [Int?]?
    let eligible: [Bool]?

    func neighbors(of queries: Range<Int>, blockCapacity: Int, scratch: inout [Float]) -> [[Neighbor]] {
        let count = scores.index.rows
        var candidates = queries.map { _ in NearestCandidates(k: k, tolerance: scores.tolerance) }
        let length = max(blockCapacity / queries.count, 1)
        for start in stride(from: 0, to: count, by: length) {
            let items = start..<min(start + length, count)
            scores.withBlock(queries, items, scratch: &scratch) { block in
                candidates.withUnsafeMutableBufferPointer { candidates in
                    Parallel.forEachRange(of: queries.count, length: 4) { range in
                        for position in range {
                            let row = block.extracting(position * items.count..<(position + 1) * items.count)
                            collect(row, items, query: queries.lowerBound + position, into: &candidates[position])
                        }
                    }
                }
            }
        }
        return decided(candidates, queries)
    }

    /// Gives every score of `row` that reaches the cutoff to `candidates`.
    private func collect(
        _ row: UnsafeBufferPointer<Float>, _ items: Range<Int>, query: Int, into candidates: inout NearestCandidates
    ) {
        let excluded = own?[query]
        for (offset, raw) in row.enumerated() {
            let score = raw.isNaN ? -.infinity : raw
            guard score >= candidates.cutoff else { continue }
            let item = items.lowerBound + offset
            if item != excluded, eligible?[item] ?? true { candidates.append(index: item, score: score) }
        }
    }

    private func decided(_ candidates: [NearestCandidates], _ queries: Range<Int>) -> [[Neighbor]] {
        var results = [[Neighbor]](repeating: [], count: queries.count)
        results.withUnsafeMutableBufferPointer { results in
            Parallel.forEachRange(of: queries.count, length: 4) { range in
                for position in range {
                    let query = queries.lowerBound + position
                    results[position] = candidates[position].nearest { scores.pairScore(query: query, item: $0) }
                }
            }
        }
        return results
    }
}
