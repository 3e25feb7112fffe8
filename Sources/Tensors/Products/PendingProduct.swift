/// A product of two matrices that is yet to be computed, in single precision or of bfloat16 values; whoever computes it may go on
/// with each part while it is in the cache. The same bits on any number of threads.
package struct PendingProduct: Sendable {
    private enum Factors: Sendable {
        case float32(Matrix, Matrix)
        case bfloat16(BFloat16Matrix, BFloat16Matrix)
    }

    private let factors: Factors
    private let orientations: (left: Matrix.Orientation, right: Matrix.Orientation)
    /// The shape of the product.
    package let rows, columns: Int

    /// The product of `left` and `right`, each oriented first.
    package init(_ left: Matrix, _ own: Matrix.Orientation, _ right: Matrix, _ others: Matrix.Orientation) {
        (factors, orientations) = (.float32(left, right), (own, others))
        rows = own == .plain ? left.rows : left.columns
        columns = others == .plain ? right.columns : right.rows
    }

    /// The same of bfloat16 values: they are multiplied exactly and added up in single precision. Computing it traps where
    /// `BFloat16Matrix.hasProducts` is false.
    package init(
        _ left: BFloat16Matrix, _ own: Matrix.Orientation, _ right: BFloat16Matrix, _ others: Matrix.Orientation
    ) {
        (factors, orientations) = (.bfloat16(left, right), (own, others))
        rows = own == .plain ? left.rows : left.columns
        columns = others == .plain ? right.columns : right.rows
    }

    /// Writes the product to `target`, `rows * columns` values in row-major order.
    package func compute(into target: UnsafeMutableBufferPointer<Float>) {
        withFactors { _ = MatrixProduct.multiply($0, $1, into: target) { _ in } }
    }

    /// Writes the product to `target`, and calls `body` with ranges of columns that are whole, every column once, several at a time:
    /// where it can, on the core that computed them, at once.
    package func compute(into target: UnsafeMutableBufferPointer<Float>, _ body: (_ columns: Range<Int>) -> Void) {
        var isHandedOn = false
        withFactors { isHandedOn = MatrixProduct.multiply($0, $1, into: target, body) }
        if !isHandedOn { Parallel.forEachRange(of: columns, length: 64, body) }
    }

    /// Calls `body` with strips of whole rows, and their values in row-major order, which are good within the call. Several calls run
    /// at a time.
    package func forEachStrip(_ body: (_ rows: Range<Int>, _ values: UnsafeBufferPointer<Float>) -> Void) {
        withFactors { ProductStrips($0, $1).forEach(body) }
    }

    private func withFactors(_ body: (ProductFactor, ProductFactor) -> Void) {
        switch factors {
        case .float32(let left, let right):
            left.withFactor(orientations.left) { own in right.withFactor(orientations.right) { body(own, $0) } }
        case .bfloat16(let left, let right):
            left.withFactor(orientations.left) { own in right.withFactor(orientations.right) { body(own, $0) } }
        }
    }
}
