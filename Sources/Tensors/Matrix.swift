/// A row-major matrix of `Float`, shape `[rows, columns]`: one feature, embedding or weight vector a row.
public struct Matrix: Sendable, Hashable {
    /// The number of rows.
    public let rows: Int
    /// The number of columns.
    public let columns: Int
    /// The values, row after row; always `rows * columns` of them.
    public private(set) var elements: [Float]

    private static let rowsPerPiece = 64

    /// A matrix with every element set to `value`.
    public init(rows: Int, columns: Int, repeating value: Float = 0) {
        self.init(rows: rows, columns: columns, elements: [Float](repeating: value, count: rows * columns))
    }

    /// A matrix over `elements`, which must be `rows * columns` values in row-major order.
    public init(rows: Int, columns: Int, elements: [Float]) {
        precondition(
            rows >= 0 && columns >= 0 && elements.count == rows * columns,
            "Matrix [\(rows), \(columns)] needs \(rows * columns) elements, got \(elements.count)")
        self.rows = rows
        self.columns = columns
        self.elements = elements
    }

    /// A matrix whose memory `fill` writes completely; skips the zeroing that `init(rows:columns:repeating:)` pays for.
    public init(
        rows: Int, columns: Int, filledBy fill: (UnsafeMutableBufferPointer<Float>) throws -> Void
    ) rethrows {
        let count = rows * columns
        let elements = try [Float](unsafeUninitializedCapacity: count) { buffer, initialized in
            try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
        self.init(rows: rows, columns: columns, elements: elements)
    }

    /// The element at `row` and `column`.
    public subscript(row: Int, column: Int) -> Float {
        get { elements[row * columns + column] }
        set { elements[row * columns + column] = newValue }
    }

    /// The values of one row.
    public func row(_ index: Int) -> ArraySlice<Float> {
        elements[index * columns..<(index + 1) * columns]
    }

    /// The rows at `indices`, in that order, as a matrix of shape `[indices.count, columns]`.
    public func rows(at indices: some Collection<Int>) -> Matrix {
        let indices = Array(indices)
        return Matrix(rows: indices.count, columns: columns) { target in
            elements.withUnsafeBufferPointer { source in
                Parallel.forEachRange(of: indices.count, length: Self.rowsPerPiece) { positions in
                    for (position, index) in zip(positions, indices[positions]) {
                        precondition(index >= 0 && index < rows, "row \(index) of a matrix with \(rows) rows")
                        let from = source.extracting(index * columns..<(index + 1) * columns)
                        _ = target.extracting(position * columns..<(position + 1) * columns).update(from: from)
                    }
                }
            }
        }
    }

    /// The rows in `range` as a matrix of their own.
    public func rows(in range: Range<Int>) -> Matrix {
        Matrix(
            rows: range.count, columns: columns,
            elements: Array(elements[range.lowerBound * columns..<range.upperBound * columns]))
    }

    /// The transposed matrix, shape `[columns, rows]`.
    public var transposed: Matrix {
        Matrix(rows: columns, columns: rows) { target in
            for row in 0..<rows {
                for column in 0..<columns { target[column * rows + row] = elements[row * columns + column] }
            }
        }
    }

    /// Calls `body` with the elements; the pointer must not leave it.
    public func withUnsafeElements<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try elements.withUnsafeBufferPointer(body)
    }

    /// Calls `body` with the elements to change in place; the pointer must not leave it.
    public mutating func withUnsafeMutableElements<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try elements.withUnsafeMutableBufferPointer { try body($0) }
    }
}

extension Matrix {
    /// Each row divided by its Euclidean length, or by `epsilon` where that is larger, as
    /// `torch.nn.functional.normalize(x, p=2, dim=1, eps=1e-12)` does.
    public func normalizedRows(epsilon: Float = 1e-12) -> Matrix {
        var result = self
        result.withUnsafeMutableElements { elements in
            for row in 0..<rows {
                let values = elements.extracting(row * columns..<(row + 1) * columns)
                let inverse = 1 / max(values.reduce(Float(0)) { $0 + $1 * $1 }.squareRoot(), epsilon)
                for index in values.indices { values[index] *= inverse }
            }
        }
        return result
    }
}
