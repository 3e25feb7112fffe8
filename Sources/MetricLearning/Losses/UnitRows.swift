import Tensors

/// The rows of a matrix divided by their lengths, and the way back for derivatives. Rows that are not to be normalized are kept
/// as they are, so that losses need not tell the two apart.
struct UnitRows {
    /// The rows, `[count, dimension]`.
    let points: Matrix
    /// What the rows were divided by; empty where they were not.
    private let lengths: [Float]

    /// The smallest length that a row is divided by (`torch.nn.functional.normalize`).
    private static let shortest: Float = 1e-12

    init(_ rows: Matrix, isNormalized: Bool = true) {
        guard isNormalized else {
            (points, lengths) = (rows, [])
            return
        }
        var (points, lengths) = (rows, [Float](repeating: 1, count: rows.rows))
        let columns = rows.columns
        points.withUnsafeMutableElements { elements in
            lengths.withUnsafeMutableBufferPointer { lengths in
                Parallel.forEachRange(of: rows.rows, length: 16) { range in
                    for row in range {
                        let values = elements.extracting(row * columns..<(row + 1) * columns)
                        let square = values.reduce(0.0) { $0 + Double($1) * Double($1) }
                        let length = max(Float(square.squareRoot()), Self.shortest)
                        for index in values.indices { values[index] /= length }
                        lengths[row] = length
                    }
                }
            }
        }
        (self.points, self.lengths) = (points, lengths)
    }

    /// From the derivative g by the points u to the one by the rows: `(g - u (u . g)) / length`.
    func gradient(_ byPoints: Matrix) -> Matrix {
        guard !lengths.isEmpty else { return byPoints }
        var result = byPoints
        let width = result.columns
        result.withUnsafeMutableElements { result in
            points.withUnsafeElements { points in
                Parallel.forEachRange(of: lengths.count, length: 16) { rows in
                    for row in rows {
                        let gradient = result.extracting(row * width..<(row + 1) * width)
                        let point = points.extracting(row * width..<(row + 1) * width)
                        let radial = VectorKernels.dotProduct(point, UnsafeBufferPointer(gradient))
                        let inverse = 1 / lengths[row]
                        for index in 0..<width { gradient[index] = (gradient[index] - point[index] * radial) * inverse }
                    }
                }
            }
        }
        return result
    }
}
