/// A symmetric matrix of `Double`, for sums that single precision is too coarse for.
public struct SymmetricMatrix: Sendable, Hashable {
    /// The number of rows, and of columns.
    public let order: Int
    /// The values, row after row.
    public private(set) var elements: [Double]

    /// A matrix of zeros.
    public init(order: Int) {
        precondition(order >= 0, "order \(order)")
        self.order = order
        elements = [Double](repeating: 0, count: order * order)
    }

    /// The symmetric part of a square matrix.
    public init(_ matrix: Matrix) {
        precondition(matrix.rows == matrix.columns, "[\(matrix.rows), \(matrix.columns)] is not square")
        order = matrix.rows
        elements = matrix.elements.map(Double.init)
        symmetrize()
    }

    /// The values in single precision.
    public var matrix: Matrix { Matrix(rows: order, columns: order, elements: elements.map { Float($0) }) }

    /// The element at `row` and `column`.
    public subscript(row: Int, column: Int) -> Double { elements[row * order + column] }

    /// The sum of the diagonal.
    public var trace: Double { (0..<order).reduce(0) { $0 + self[$1, $1] } }

    /// Adds `factor * X^T X` for `rows` X, shape `[count, order]`; the product is computed in single precision, so bring rows
    /// in blocks of some thousands.
    public mutating func addProducts(of rows: Matrix, factor: Double = 1) {
        precondition(rows.columns == order, "rows of \(rows.columns) columns for a matrix of order \(order)")
        let product = rows.multiplied(by: rows, .transposed, .plain)
        product.withUnsafeElements { product in
            elements.withUnsafeMutableBufferPointer { elements in
                Parallel.forEachRange(of: elements.count, length: 1 << 16) { range in
                    for index in range { elements[index] += factor * Double(product[index]) }
                }
            }
        }
    }

    /// Multiplies every element by `factor`.
    public mutating func scale(by factor: Double) {
        for index in elements.indices { elements[index] *= factor }
    }

    /// Makes the two halves equal, which sums in single precision leave slightly apart.
    public mutating func symmetrize() {
        for row in 0..<order {
            for column in 0..<row {
                let mean = (self[row, column] + self[column, row]) / 2
                elements[row * order + column] = mean
                elements[column * order + row] = mean
            }
        }
    }
}
