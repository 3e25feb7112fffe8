public import Tensors

/// Exhaustive search by cosine similarity: every query is compared with every row.
///
/// A scan finds the rows that can be among the nearest: fast, with last digits that depend on the processor, or on bytes that
/// only resemble the rows. Those are scored again by a sum in a fixed order. So the result is the same on every machine with any
/// number of threads: nearest first, rows of equal score by index. Rows and queries that are not finite come last.
public struct ExactIndex: NearestNeighborIndex {
    private let rows: VectorRows
    private let scanned: VectorRows
    private let rowsPerBlock: Int?

    /// An index over the rows of `embeddings`, `[count, dimension]`, which are normalized to unit length here. A row of
    /// zeros has the similarity 0 to everything.
    public init(_ embeddings: Matrix) {
        self.init(VectorRows(normalizing: embeddings))
    }

    /// An index over unit vectors of any type.
    ///
    /// - Parameters:
    ///   - vectors: What results are scored by.
    ///   - bytes: The same rows as `uint8`, a half or a quarter of the memory to scan; nil to scan `vectors`.
    public init(_ vectors: VectorRows, scanning bytes: VectorRows? = nil) {
        self.init(vectors, scanning: bytes, rowsPerBlock: nil)
    }

    /// An index that scans so many rows at a time.
    init(_ vectors: VectorRows, scanning bytes: VectorRows? = nil, rowsPerBlock: Int?) {
        let scanned = bytes ?? vectors
        precondition(
            scanned.count == vectors.count && scanned.dimension == vectors.dimension,
            "[\(scanned.count), \(scanned.dimension)] scanned for [\(vectors.count), \(vectors.dimension)]")
        (rows, self.scanned, self.rowsPerBlock) = (vectors, scanned, rowsPerBlock)
    }

    /// The number of rows.
    public var count: Int { rows.count }

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
        search(queries, k: k, within: -.infinity, excluding: own, among: eligible)
    }

    /// The same, of rows whose score is at least `floor`.
    public func search(
        _ queries: Matrix, k: Int, within floor: Float, excluding own: [Int?]? = nil, among eligible: [Bool]? = nil
    ) -> [[Neighbor]] {
        precondition(k > 0, "\(k) neighbors wanted")
        precondition(own.map { $0.count == queries.rows } ?? true, "an exclusion for each of \(queries.rows) queries")
        precondition(eligible.map { $0.count == count } ?? true, "an eligibility for each of \(count) rows")
        precondition(
            queries.columns == rows.dimension,
            "queries [\(queries.rows), \(queries.columns)] on an index [\(count), \(rows.dimension)]")
        let unit = queries.normalizedRows()
        return stride(from: 0, to: queries.rows, by: ExactScan.largestGroup).flatMap { start in
            let group = start..<min(start + ExactScan.largestGroup, queries.rows)
            return ExactScan(
                rows: rows, scanned: scanned, queries: unit.rows(in: group), k: min(k, count),
                own: own.map { Array($0[group]) }, eligible: eligible, rowsPerBlock: rowsPerBlock,
                floor: floor
            ).neighbors()
        }
    }
}
