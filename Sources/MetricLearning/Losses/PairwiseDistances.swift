import Tensors

/// The distances between the rows of a batch, or from them to rows of a memory, and the way back from their derivatives to the
/// embeddings.
///
/// Differences are taken element by element, not through `|a|^2 + |b|^2 - 2ab`, which loses all digits for near duplicates
/// (pytorch issue 42479): identical rows are at distance 0 exactly, and equal distances compare equal.
struct PairwiseDistances {
    /// The distances, `[batch, references]`; within a batch symmetric with a zero diagonal. Larger is farther: similarities are
    /// negated.
    let values: Matrix

    private let kind: EmbeddingDistance
    private let anchors: UnitRows
    /// What the anchors are compared with, and has no derivative; nil for the anchors themselves.
    private let references: Matrix?

    /// The distances between the rows of `embeddings`, `[batch, dimension]`.
    init(_ embeddings: Matrix, _ kind: EmbeddingDistance) {
        self.kind = kind
        anchors = UnitRows(embeddings, isNormalized: kind.isNormalized)
        references = nil
        values = Self.distances(within: anchors.points, kind)
    }

    /// The distances from the rows of `embeddings` to those of `references`, `[count, dimension]`.
    init(_ embeddings: Matrix, to references: Matrix, _ kind: EmbeddingDistance) {
        self.kind = kind
        anchors = UnitRows(embeddings, isNormalized: kind.isNormalized)
        let others = UnitRows(references, isNormalized: kind.isNormalized).points
        self.references = others
        values = Self.distances(from: anchors.points, to: others, kind)
    }

    private static func distances(within points: Matrix, _ kind: EmbeddingDistance) -> Matrix {
        let (count, width) = (points.rows, points.columns)
        var values = Matrix(rows: count, columns: count)
        values.withUnsafeMutableElements { values in
            points.withUnsafeElements { points in
                // Short ranges, because the work of a row shrinks along the triangle.
                Parallel.forEachRange(of: count, length: 8) { rows in
                    // Tiles of rows that stay in the cache while all rows of the range are compared with them.
                    for tile in stride(from: rows.lowerBound, to: count, by: 32) {
                        for row in rows {
                            let others = max(tile, row + 1)..<max(min(tile + 32, count), tile, row + 1)
                            let results = values.extracting(
                                row * count + others.lowerBound..<row * count + others.upperBound)
                            Self.distances(
                                points.extracting(row * width..<(row + 1) * width),
                                points.extracting(others.lowerBound * width..<others.upperBound * width), kind,
                                into: results)
                            for (other, distance) in zip(others, results) { values[other * count + row] = distance }
                        }
                    }
                }
            }
        }
        return values
    }

    private static func distances(from points: Matrix, to others: Matrix, _ kind: EmbeddingDistance) -> Matrix {
        let (count, width) = (others.rows, points.columns)
        return Matrix(rows: points.rows, columns: count) { values in
            points.withUnsafeElements { points in
                others.withUnsafeElements { others in
                    Parallel.forEachRange(of: points.count / max(width, 1), length: 8) { rows in
                        // Tiles of references that stay in the cache while all rows of the range are compared with them.
                        for tile in stride(from: 0, to: count, by: 32) {
                            let references = tile..<min(tile + 32, count)
                            for row in rows {
                                Self.distances(
                                    points.extracting(row * width..<(row + 1) * width),
                                    others.extracting(references.lowerBound * width..<references.upperBound * width),
                                    kind,
                                    into: values.extracting(
                                        row * count + references.lowerBound..<row * count + references.upperBound))
                            }
                        }
                    }
                }
            }
        }
    }

    /// The distances from one point to several.
    private static func distances(
        _ point: UnsafeBufferPointer<Float>, _ others: UnsafeBufferPointer<Float>, _ kind: EmbeddingDistance,
        into values: UnsafeMutableBufferPointer<Float>
    ) {
        switch kind {
        case .euclidean:
            VectorKernels.squaredDistances(of: others, from: point, into: values)
            for index in values.indices { values[index].formSquareRoot() }
        case .squaredEuclidean: VectorKernels.squaredDistances(of: others, from: point, into: values)
        case .cosine, .dotProduct:
            VectorKernels.dotProducts(of: others, with: point, into: values)
            for index in values.indices { values[index].negate() }
        }
    }
}

extension PairwiseDistances {
    /// The derivative by the embeddings, `[batch, dimension]`, of a function whose derivatives by `values` are `slopes`,
    /// `[batch, references]`. At distance 0 the Euclidean derivative is taken as 0, as `torch.cdist` does.
    func embeddingGradient(slopes: Matrix) -> Matrix {
        let weights = pairWeights(slopes)
        var gradient = weights.multiplied(by: references ?? anchors.points)
        if !kind.isSimilarity {
            // The sum over j of w_ij (u_i - v_j) is (sum of w_ij) u_i - (W V)_i.
            let sums = (0..<weights.rows).map { weights.row($0).reduce(Float(0), +) }
            let width = gradient.columns
            gradient.withUnsafeMutableElements { gradient in
                anchors.points.withUnsafeElements { points in
                    Parallel.forEachRange(of: sums.count, length: 16) { rows in
                        for row in rows {
                            for index in row * width..<(row + 1) * width {
                                gradient[index] = sums[row] * points[index] - gradient[index]
                            }
                        }
                    }
                }
            }
        }
        return anchors.gradient(gradient)
    }

    /// How much of `u_i - v_j` (for similarities, of `v_j`) enters the derivative by `u_i`: within a batch, where every pair has
    /// two distances, symmetric.
    private func pairWeights(_ slopes: Matrix) -> Matrix {
        let count = slopes.columns
        return Matrix(rows: slopes.rows, columns: count) { weights in
            slopes.withUnsafeElements { slopes in
                values.withUnsafeElements { values in
                    Parallel.forEachRange(of: values.count / max(count, 1), length: 16) { rows in
                        for row in rows {
                            for other in 0..<count {
                                let place = row * count + other
                                let slope =
                                    references == nil ? slopes[place] + slopes[other * count + row] : slopes[place]
                                weights[place] = pairWeight(slope, distance: values[place])
                            }
                        }
                    }
                }
            }
        }
    }

    @inline(__always)
    private func pairWeight(_ slope: Float, distance: Float) -> Float {
        switch kind {
        case .euclidean: distance == 0 ? 0 : slope / distance
        case .squaredEuclidean: 2 * slope
        case .cosine, .dotProduct: -slope
        }
    }
}
