import Tensors

/// The distances between all rows of a batch, and the way back from their derivatives to the embeddings.
///
/// Differences are taken element by element, not through `|a|^2 + |b|^2 - 2ab`, which loses all digits for near duplicates
/// (pytorch issue 42479): identical rows are at distance 0 exactly, and equal distances compare equal.
struct PairwiseDistances {
    /// The distances, `[batch, batch]`, symmetric with a zero diagonal. Larger is farther: similarities are negated.
    let values: Matrix

    private let kind: EmbeddingDistance
    /// The rows that are compared: unit vectors, or the embeddings where the distance does not normalize.
    private let points: Matrix
    /// The lengths that the embeddings were divided by; empty where they were not.
    private let lengths: [Float]

    /// The smallest length that a row is divided by (`torch.nn.functional.normalize`).
    private static let shortest: Float = 1e-12

    /// The distances between the rows of `embeddings`, `[batch, dimension]`.
    init(_ embeddings: Matrix, _ kind: EmbeddingDistance) {
        self.kind = kind
        if kind.isNormalized {
            lengths = (0..<embeddings.rows).map { row in
                let square = embeddings.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
                return max(Float(square.squareRoot()), Self.shortest)
            }
            points = Self.dividing(embeddings, by: lengths)
        } else {
            lengths = []
            points = embeddings
        }
        values = Self.matrix(of: points, kind)
    }

    private static func dividing(_ embeddings: Matrix, by lengths: [Float]) -> Matrix {
        var points = embeddings
        let columns = points.columns
        points.withUnsafeMutableElements { elements in
            for (row, length) in lengths.enumerated() {
                for index in row * columns..<(row + 1) * columns { elements[index] /= length }
            }
        }
        return points
    }

    private static func matrix(of points: Matrix, _ kind: EmbeddingDistance) -> Matrix {
        let (count, width) = (points.rows, points.columns)
        var values = Matrix(rows: count, columns: count)
        values.withUnsafeMutableElements { values in
            points.withUnsafeElements { points in
                // Short ranges, because the work of a row shrinks along the triangle.
                Parallel.forEachRange(of: count, length: 8) { rows in
                    // Tiles of rows that stay in the cache while all rows of the range are compared with them.
                    for tile in stride(from: rows.lowerBound, to: count, by: 32) {
                        for row in rows {
                            let left = points.extracting(row * width..<(row + 1) * width)
                            for other in max(tile, row + 1)..<max(min(tile + 32, count), tile, row + 1) {
                                let right = points.extracting(other * width..<(other + 1) * width)
                                let distance = Self.distance(left, right, kind)
                                values[row * count + other] = distance
                                values[other * count + row] = distance
                            }
                        }
                    }
                }
            }
        }
        return values
    }

    private static func distance(
        _ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>, _ kind: EmbeddingDistance
    ) -> Float {
        switch kind {
        case .euclidean: VectorKernels.squaredDistance(left, right).squareRoot()
        case .squaredEuclidean: VectorKernels.squaredDistance(left, right)
        case .cosine: -VectorKernels.dotProduct(left, right)
        }
    }
}

extension PairwiseDistances {
    /// The derivative by the embeddings, `[batch, dimension]`, of `factor` times a function whose derivatives by `values` are
    /// `slopes`, `[batch, batch]`. At distance 0 the Euclidean derivative is taken as 0, as `torch.cdist` does.
    func embeddingGradient(slopes: Matrix, factor: Float) -> Matrix {
        let weights = pairWeights(slopes, factor)
        let pulls = weights.multiplied(by: points)
        guard kind != .cosine else { return throughNormalization(pulls, rowSums: nil) }
        // The sum over j of w_ij (u_i - u_j) is (sum of w_ij) u_i - (W U)_i.
        let sums = (0..<weights.rows).map { weights.row($0).reduce(Float(0), +) }
        return throughNormalization(pulls, rowSums: sums)
    }

    /// Symmetric weights of the pairs: how much of `u_i - u_j` (for cosine, of `u_j`) enters the derivative by `u_i`.
    private func pairWeights(_ slopes: Matrix, _ factor: Float) -> Matrix {
        let count = slopes.rows
        return Matrix(rows: count, columns: count) { weights in
            slopes.withUnsafeElements { slopes in
                values.withUnsafeElements { values in
                    Parallel.forEachRange(of: count, length: 16) { rows in
                        for row in rows {
                            for other in 0..<count {
                                let slope = factor * (slopes[row * count + other] + slopes[other * count + row])
                                weights[row * count + other] = pairWeight(slope, distance: values[row * count + other])
                            }
                        }
                    }
                }
            }
        }
    }

    private func pairWeight(_ slope: Float, distance: Float) -> Float {
        switch kind {
        case .euclidean: distance == 0 ? 0 : slope / distance
        case .squaredEuclidean: 2 * slope
        case .cosine: -slope
        }
    }

    /// From `pulls`, or `rowSums[i] u_i - pulls_i`, as the derivative g by the points, to the one by the embeddings:
    /// `(g - u (u . g)) / length`.
    private func throughNormalization(_ pulls: Matrix, rowSums: [Float]?) -> Matrix {
        var result = pulls
        let width = result.columns
        result.withUnsafeMutableElements { result in
            points.withUnsafeElements { points in
                Parallel.forEachRange(of: points.count / max(width, 1), length: 16) { rows in
                    for row in rows {
                        let gradient = result.extracting(row * width..<(row + 1) * width)
                        let point = points.extracting(row * width..<(row + 1) * width)
                        if let sum = rowSums?[row] {
                            for index in 0..<width { gradient[index] = sum * point[index] - gradient[index] }
                        }
                        guard !lengths.isEmpty else { continue }
                        let radial = VectorKernels.dotProduct(point, UnsafeBufferPointer(gradient))
                        for index in 0..<width {
                            gradient[index] = (gradient[index] - point[index] * radial) / lengths[row]
                        }
                    }
                }
            }
        }
        return result
    }
}
