public import Tensors

/// A fixed projection of the features that the trainable layers only correct: the embedding of x is
/// `P u + a f(u)` with `u = x / |x| - mean`. Layers that begin with f = 0 leave the geometry of the frozen features as it is
/// until training has something to add (as in residual networks, He et al. 2016).
public struct Shortcut: Sendable, Hashable {
    /// What is subtracted from the unit features, `[1, inputDimension]`.
    public let mean: Matrix
    /// P, `[outputDimension, inputDimension]`.
    public let projection: Matrix
    /// a, how much of the trainable layers' output is added.
    public let residualWeight: Float

    /// A shortcut from its parts, whose shapes must fit.
    public init(mean: Matrix, projection: Matrix, residualWeight: Float) {
        precondition(
            mean.rows == 1 && mean.columns == projection.columns,
            "a mean of [\(mean.rows), \(mean.columns)] for a projection [\(projection.rows), \(projection.columns)]")
        (self.mean, self.projection, self.residualWeight) = (mean, projection, residualWeight)
    }

    /// The same projection with another weight of the trainable layers.
    public func with(residualWeight: Float) -> Shortcut {
        Shortcut(mean: mean, projection: projection, residualWeight: residualWeight)
    }

    /// u of each row of `features`, shape `[count, inputDimension]`; a row of zeros counts as one of length 0.
    func centered(_ features: Matrix) -> Matrix {
        precondition(features.columns == mean.columns, "features of \(features.columns), not \(mean.columns) columns")
        let columns = features.columns
        return Matrix(rows: features.rows, columns: columns) { target in
            features.withUnsafeElements { source in
                mean.withUnsafeElements { mean in
                    Parallel.forEachRange(of: features.rows, length: 32) { rows in
                        for row in rows {
                            let values = source.extracting(row * columns..<(row + 1) * columns)
                            let result = target.extracting(row * columns..<(row + 1) * columns)
                            let length = VectorKernels.dotProduct(values, values).squareRoot()
                            // The smallest length that torch.nn.functional.normalize divides by.
                            let inverse = 1 / max(length, 1e-12)
                            for column in 0..<columns { result[column] = values[column] * inverse - mean[column] }
                        }
                    }
                }
            }
        }
    }

    /// P u for rows u, shape `[count, outputDimension]`.
    func projected(_ centered: Matrix) -> Matrix { centered.multiplied(by: projection, .plain, .transposed) }

    /// `projected + a * residual`.
    func adding(_ residual: Matrix, to projected: Matrix) -> Matrix {
        var result = projected
        result.withUnsafeMutableElements { result in
            residual.withUnsafeElements { residual in
                precondition(result.count == residual.count, "\(residual.count) values added to \(result.count)")
                Parallel.forEachRange(of: result.count, length: 1 << 15) { range in
                    for index in range { result[index] += residualWeight * residual[index] }
                }
            }
        }
        return result
    }
}
