/// One factor of a product: a row-major matrix in memory that somebody else owns.
struct ProductFactor {
    /// What the values are.
    enum Element: Hashable {
        case float32, bfloat16

        var size: Int { self == .float32 ? 4 : 2 }
    }

    let base: UnsafeRawPointer?
    /// The shape as stored.
    let rows, columns: Int
    let orientation: Matrix.Orientation
    let element: Element

    init(_ values: UnsafeBufferPointer<Float>, _ rows: Int, _ columns: Int, _ orientation: Matrix.Orientation) {
        precondition(values.count >= rows * columns, "\(values.count) values of a matrix [\(rows), \(columns)]")
        (self.rows, self.columns, self.orientation) = (rows, columns, orientation)
        (base, element) = (UnsafeRawPointer(values.baseAddress), .float32)
    }

    init(_ values: UnsafeBufferPointer<UInt16>, _ rows: Int, _ columns: Int, _ orientation: Matrix.Orientation) {
        precondition(values.count >= rows * columns, "\(values.count) values of a matrix [\(rows), \(columns)]")
        (self.rows, self.columns, self.orientation) = (rows, columns, orientation)
        (base, element) = (UnsafeRawPointer(values.baseAddress), .bfloat16)
    }

    /// The shape as it enters the product.
    var height: Int { orientation == .plain ? rows : columns }
    var width: Int { orientation == .plain ? columns : rows }

    /// How far apart neighbors are in memory, in values, along the rows and the columns of what enters the product.
    var strides: (down: Int, across: Int) { orientation == .plain ? (columns, 1) : (1, columns) }

    /// Where the value at `row` and `column` of what enters the product is.
    func address(row: Int, column: Int) -> UnsafeRawPointer? {
        base.map { $0 + (row * strides.down + column * strides.across) * element.size }
    }
}

extension Matrix {
    /// Calls `body` with the matrix as a factor, which is good within the call.
    func withFactor(_ orientation: Orientation, _ body: (ProductFactor) -> Void) {
        withUnsafeElements { body(ProductFactor($0, rows, columns, orientation)) }
    }
}

extension BFloat16Matrix {
    /// Calls `body` with the matrix as a factor, which is good within the call.
    func withFactor(_ orientation: Matrix.Orientation, _ body: (ProductFactor) -> Void) {
        elements.withUnsafeBufferPointer { body(ProductFactor($0, rows, columns, orientation)) }
    }
}
