import Tensors

/// The cosine similarities between query and index rows, in two ways that agree up to `tolerance`: as products of whole
/// blocks, fast, but with last digits that depend on where a pair lies in its block; and for single pairs, by a sum in a
/// fixed order. The second decides every order, the first leaves it only close calls.
struct CosineScores: Sendable {
    /// Unit vectors, `[queries, dimension]`.
    let queries: Matrix
    /// Unit vectors, `[count, dimension]`.
    let index: Matrix
    /// More than the two ways differ by.
    let tolerance: Float

    /// 64 MB of scores.
    static let defaultBlockCapacity = 1 << 24

    /// Scores of unit vectors.
    init(queries: Matrix, index: Matrix) {
        precondition(
            queries.columns == index.columns,
            "queries [\(queries.rows), \(queries.columns)] on an index [\(index.rows), \(index.columns)]")
        self.queries = queries
        self.index = index
        tolerance = ScanTolerance.sums(dimension: index.columns)
    }

    /// The similarity of one pair, the same wherever it lies; `-infinity` where it is not a number.
    func pairScore(query: Int, item: Int) -> Float {
        let width = index.columns
        let score = queries.withUnsafeElements { queries in
            index.withUnsafeElements { index in
                VectorKernels.dotProduct(
                    queries.extracting(query * width..<(query + 1) * width),
                    index.extracting(item * width..<(item + 1) * width))
            }
        }
        return score.isNaN ? -.infinity : score
    }

    /// Calls `body` with the product of some query rows and some index rows, `[queryRows, indexRows]` in row-major order.
    func withBlock(
        _ queryRows: Range<Int>, _ indexRows: Range<Int>, scratch: inout [Float],
        _ body: (UnsafeBufferPointer<Float>) -> Void
    ) {
        let (width, count) = (index.columns, queryRows.count * indexRows.count)
        if scratch.count < count { scratch = [Float](repeating: 0, count: count) }
        scratch.withUnsafeMutableBufferPointer { scratch in
            let scores = scratch.extracting(0..<count)
            queries.withUnsafeElements { queries in
                index.withUnsafeElements { index in
                    MatrixProduct.multiply(
                        queries.extracting(queryRows.lowerBound * width..<queryRows.upperBound * width),
                        [queryRows.count, width], .plain,
                        index.extracting(indexRows.lowerBound * width..<indexRows.upperBound * width),
                        [indexRows.count, width], .transposed, into: scores)
                }
            }
            body(UnsafeBufferPointer(scores))
        }
    }
}
