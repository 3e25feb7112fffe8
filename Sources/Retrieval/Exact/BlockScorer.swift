import Tensors

/// Scores of a group of queries with blocks of rows.
struct BlockScorer: Sendable {
    private let vectors: VectorRows
    /// The queries as columns, `[dimension, queries]`, where scores come from products.
    private let columns: Matrix?
    /// The queries one by one where they do not.
    private let single: [ScanQuery]

    /// The number of queries.
    let count: Int

    init(_ vectors: VectorRows, _ queries: Matrix, isProduct: Bool) {
        (self.vectors, count) = (vectors, queries.rows)
        columns = isProduct ? queries.transposed : nil
        single =
            isProduct ? [] : (0..<queries.rows).map { ScanQuery(Array(queries.row($0)), for: vectors.element) }
    }

    /// Whether scores come row by row, `[rows, queries]`, and not query by query, `[queries, rows]`.
    var isByRow: Bool { columns != nil }

    /// How many numbers `score` needs for itself, for blocks of so many rows.
    func scratchCount(rows: Int) -> Int { columns == nil ? 0 : rows * vectors.dimension }

    /// Writes the scores of some rows to `scores`.
    func score(
        _ rows: Range<Int>, into scores: UnsafeMutableBufferPointer<Float>, scratch: UnsafeMutableBufferPointer<Float>
    ) {
        guard let columns else {
            for (query, single) in single.enumerated() {
                let target = scores.extracting(query * rows.count..<(query + 1) * rows.count)
                single.score(rows, of: vectors, into: target)
            }
            return
        }
        let numbers = scratch.extracting(0..<rows.count * vectors.dimension)
        vectors.read(rows, into: numbers)
        if vectors.lengthTolerance > 0 { normalize(numbers) }
        columns.withUnsafeElements {
            MatrixProduct.multiplyHere(
                UnsafeBufferPointer(numbers), $0, rows: rows.count, depth: vectors.dimension, columns: count,
                into: scores)
        }
    }

    /// Divides rows by their lengths, so that scores are nearly those of pairs, and fewer have to be computed again.
    private func normalize(_ numbers: UnsafeMutableBufferPointer<Float>) {
        for start in stride(from: 0, to: numbers.count, by: vectors.dimension) {
            let row = UnsafeMutableBufferPointer(rebasing: numbers[start..<start + vectors.dimension])
            let length = VectorKernels.dotProduct(UnsafeBufferPointer(row), UnsafeBufferPointer(row)).squareRoot()
            guard length > 0 else { continue }
            let inverse = 1 / length
            for index in row.indices { row[index] *= inverse }
        }
    }
}
