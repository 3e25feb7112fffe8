import COpenBLAS

/// OpenBLAS on the thread that calls it. Work is shared out among threads by this library, so that results do not depend on how
/// many there are; and the number of OpenBLAS's own threads must not be changed while any thread computes.
enum OpenBLAS {
    /// Has to be looked at before any call of OpenBLAS.
    static let isSingleThreaded: Bool = {
        openblas_set_num_threads(1)
        return true
    }()

    /// Writes the product of two row-major matrices, shapes `[rows, columns]` as stored, to `target`.
    static func sgemm(_ left: ProductFactor, _ right: ProductFactor, into target: UnsafeMutableBufferPointer<Float>) {
        precondition(isSingleThreaded && left.element == .float32 && right.element == .float32)
        let (m, k, n) = (left.height, left.width, right.width)
        precondition(k == right.height && target.count >= m * n, "[\(m), \(k)] times [\(right.height), \(n)]")
        guard m > 0, n > 0 else { return }
        guard k > 0 else { return target.update(repeating: 0) }
        cblas_sgemm(
            CblasRowMajor, left.orientation.cblas, right.orientation.cblas, Int32(m), Int32(n), Int32(k), 1,
            left.base?.assumingMemoryBound(to: Float.self), Int32(left.columns),
            right.base?.assumingMemoryBound(to: Float.self), Int32(right.columns), 0, target.baseAddress, Int32(n))
    }
}

extension Matrix.Orientation {
    fileprivate var cblas: CBLAS_TRANSPOSE { self == .plain ? CblasNoTrans : CblasTrans }
}
