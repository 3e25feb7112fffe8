extension Matrix {
    /// Whether a factor enters a product as it is or transposed.
    public enum Orientation: Sendable {
        /// As stored.
        case plain
        /// Rows and columns exchanged.
        case transposed
    }

    /// The matrix product of `self` and `other`, each oriented first: shape `[m, n]` from `[m, k]` and `[k, n]`.
    /// The same bits on any number of threads.
    public func multiplied(
        by other: Matrix, _ own: Orientation = .plain, _ others: Orientation = .plain
    ) -> Matrix {
        let m = own == .plain ? rows : columns
        let n = others == .plain ? other.columns : other.rows
        return Matrix(rows: m, columns: n) { target in
            self.multiply(by: other, own, others, into: target)
        }
    }

    /// Writes the product of `self` and `other` to `target`, `m * n` elements in row-major order.
    public func multiply(
        by other: Matrix, _ own: Orientation, _ others: Orientation,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        PendingProduct(self, own, other, others).compute(into: target)
    }
}

/// Products over borrowed memory, for blocks of larger matrices.
public enum MatrixProduct {
    /// Multiplications below which OpenBLAS is faster, since finding a kernel of oneDNN's takes longer than the product.
    private static let smallestTiledProduct = 1 << 18

    /// Writes the product of two row-major blocks to `target`; shapes are `[rows, columns]` as stored. The same bits on any number
    /// of threads.
    public static func multiply(
        _ left: UnsafeBufferPointer<Float>, _ leftShape: [Int], _ leftOrientation: Matrix.Orientation,
        _ right: UnsafeBufferPointer<Float>, _ rightShape: [Int], _ rightOrientation: Matrix.Orientation,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        _ = multiply(
            ProductFactor(left, leftShape[0], leftShape[1], leftOrientation),
            ProductFactor(right, rightShape[0], rightShape[1], rightOrientation), into: target
        ) { _ in }
    }

    /// Writes the product to `target`. True where `body` was called with ranges of all columns, each as soon as it was whole; else it
    /// was not called.
    static func multiply(
        _ left: ProductFactor, _ right: ProductFactor, into target: UnsafeMutableBufferPointer<Float>,
        _ body: (Range<Int>) -> Void
    ) -> Bool {
        let isSmall = left.height * left.width * right.width < smallestTiledProduct
        guard left.element == .float32, isSmall else {
            return TiledProduct(left, right, into: target).compute(body)
        }
        OpenBLAS.sgemm(left, right, into: target)
        return false
    }

    /// Writes the product of `left`, shape `[rows, depth]`, and `right`, `[depth, columns]`, to `target`, by oneDNN and on the calling
    /// thread alone: for callers that share out the work themselves.
    package static func multiplyHere(
        _ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>, rows: Int, depth: Int, columns: Int,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        precondition(target.count >= rows * columns, "\(target.count) values for a product [\(rows), \(columns)]")
        guard rows > 0, columns > 0 else { return }
        guard depth > 0 else { return target.update(repeating: 0) }
        let (left, right) = (
            ProductFactor(left, rows, depth, .plain), ProductFactor(right, depth, columns, .plain)
        )
        let shape = ProductKernel.Shape(
            rows: rows, columns: columns, depth: depth, element: .float32, left: left.strides, right: right.strides,
            targetStride: columns)
        ProductKernel.of(shape).run(left.base, right.base, into: target.baseAddress)
    }
}
