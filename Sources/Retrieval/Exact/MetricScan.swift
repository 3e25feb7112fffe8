public import Tensors

/// Exhaustive search by inner product or by Euclidean distance, with the lengths of vectors as they are: sums in a fixed order, so that
/// results are the same on every machine with any number of threads.
public struct MetricScan: Sendable {
    /// What is compared.
    public enum Measure: Sendable, Hashable {
        /// `x · y`; more is nearer.
        case innerProduct
        /// `|x - y|`; less is nearer.
        case distance
    }

    private let rows: Matrix
    private let measure: Measure

    private static let rowsPerPiece = 4096

    /// A search among `rows`, shape `[count, dimension]`.
    public init(_ rows: Matrix, by measure: Measure) { (self.rows, self.measure) = (rows, measure) }

    /// The `k` nearest rows for every row of `queries`, `[queries, dimension]`, best first, rows of equal score by index; the score is
    /// the measure. `eligible` says for each row whether it may be found; nil for all.
    public func search(_ queries: Matrix, k: Int, among eligible: [Bool]? = nil) -> [[Neighbor]] {
        precondition(queries.columns == rows.columns, "\(queries.columns) numbers a query on \(rows.columns) a row")
        precondition(k > 0, "\(k) neighbors wanted")
        return (0..<queries.rows).map { nearest(to: Array(queries.row($0)), k, eligible) }
    }

    private func nearest(to query: [Float], _ k: Int, _ eligible: [Bool]?) -> [Neighbor] {
        let pieces = (rows.rows + Self.rowsPerPiece - 1) / Self.rowsPerPiece
        var found = [NearestCandidates](repeating: NearestCandidates(k: k, tolerance: 0), count: pieces)
        found.withUnsafeMutableBufferPointer { found in
            Parallel.forEachRange(of: rows.rows, length: Self.rowsPerPiece) { range in
                for row in range where eligible?[row] ?? true {
                    found[range.lowerBound / Self.rowsPerPiece].take(index: row, score: nearness(query, row))
                }
            }
        }
        var all = NearestCandidates(k: k, tolerance: 0)
        for piece in found { all.merge(piece) }
        let nearest = all.nearest { nearness(query, $0) }
        return measure == .innerProduct
            ? nearest : nearest.map { Neighbor(index: $0.index, score: (-$0.score).squareRoot()) }
    }

    /// The inner product or the negative squared distance; `-infinity` where it is not a number.
    private func nearness(_ query: [Float], _ row: Int) -> Float {
        let score = query.withUnsafeBufferPointer { query in
            rows.withUnsafeElements { elements in
                let values = elements.extracting(row * rows.columns..<(row + 1) * rows.columns)
                return switch measure {
                case .innerProduct: VectorKernels.dotProduct(query, values)
                case .distance: -VectorKernels.squaredDistance(query, values)
                }
            }
        }
        return score.isNaN ? -.infinity : score
    }
}
