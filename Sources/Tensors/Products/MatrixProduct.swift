import COpenBLAS

extension Matrix {
    /// Whether a factor enters a product as it is or transposed.
    public enum Orientation: Sendable {
        /// As stored.
        case plain
        /// Rows and columns exchanged.
        case transposed

        fileprivate var cblas: CBLAS_TRANSPOSE { self == .plain ? CblasNoTrans : CblasTrans }
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
        withUnsafeElements { left in
            other.withUnsafeElements { right in
                let factors = (
                    ProductFactor(left, rows, columns, own), ProductFactor(right, other.rows, other.columns, others)
                )
                guard factors.0.height * factors.0.width * factors.1.width < Self.smallestTiledProduct else {
                    return TiledProduct(factors.0, factors.1, into: target).compute()
                }
                MatrixProduct.sgemm(
                    left, [rows, columns], own, right, [other.rows, other.columns], others, into: target)
            }
        }
    }

    /// Multiplications below which OpenBLAS works on one thread, which takes less time than finding a kernel of oneDNN's.
    private static let smallestTiledProduct = 1 << 18
}

/// Products by OpenBLAS over borrowed memory, for blocks of larger matrices.
public enum MatrixProduct {
    /// Writes the product of two row-major blocks to `target`; shapes are `[rows, columns]` as stored. Large ones are computed
    /// on OpenBLAS's own threads.
    public static func sgemm(
        _ left: UnsafeBufferPointer<Float>, _ leftShape: [Int], _ leftOrientation: Matrix.Orientation,
        _ right: UnsafeBufferPointer<Float>, _ rightShape: [Int], _ rightOrientation: Matrix.Orientation,
        into target: UnsafeMutableBufferPointer<Float>
    ) {
        let (m, k) = leftOrientation == .plain ? (leftShape[0], leftShape[1]) : (leftShape[1], leftShape[0])
        let (k2, n) = rightOrientation == .plain ? (rightShape[0], rightShape[1]) : (rightShape[1], rightShape[0])
        precondition(k == k2, "product of \(leftShape) \(leftOrientation) and \(rightShape) \(rightOrientation)")
        precondition(left.count >= m * k && right.count >= k * n && target.count >= m * n, "sgemm memory too short")
        guard m > 0, n > 0 else { return }
        guard k > 0 else { return target.update(repeating: 0) }
        cblas_sgemm(
            CblasRowMajor, leftOrientation.cblas, rightOrientation.cblas, Int32(m), Int32(n), Int32(k), 1,
            left.baseAddress, Int32(leftShape[1]), right.baseAddress, Int32(rightShape[1]), 0,
            target.baseAddress, Int32(n))
    }
}
