import COpenBLAS

/// The eigenvalues and eigenvectors of a symmetric matrix, by LAPACK's `dsyevd`.
public struct SymmetricEigen: Sendable {
    /// The eigenvalues, ascending.
    public let values: [Double]
    /// The eigenvectors of unit length, one a row, in the order of `values`: shape `[order, order]`.
    public let vectors: Matrix

    /// Decomposes `matrix`, whose lower half counts. One thread does it, so that the bits do not depend on how many there are.
    /// Throws `InputError` where the algorithm does not converge, as with elements that are not finite.
    public init(_ matrix: SymmetricMatrix) throws {
        var vectors = matrix.elements
        let order = matrix.order
        var values = [Double](repeating: 0, count: order)
        // LAPACK does not say what it makes of other numbers, nor whether it ends.
        let isFinite = vectors.allSatisfy(\.isFinite)
        let status = order == 0 || !isFinite ? 0 : Self.decompose(&vectors, &values, order)
        guard isFinite, status == 0 else {
            throw InputError(
                "a symmetric matrix of order \(order)", "has no eigenvectors that LAPACK can find",
                remedy: "Look for features that are not finite.")
        }
        self.values = values
        // LAPACK's columns are the rows of our order.
        self.vectors = Matrix(rows: order, columns: order, elements: vectors.map { Float($0) })
    }

    private static func decompose(_ matrix: inout [Double], _ values: inout [Double], _ order: Int) -> Int32 {
        precondition(OpenBLAS.isSingleThreaded)
        var (jobs, half, size, status) = (CChar(UInt8(ascii: "V")), CChar(UInt8(ascii: "U")), Int32(order), Int32(0))
        // The sizes that LAPACK asks for with eigenvectors.
        var workCount = Int32(clamping: 1 + 6 * order + 2 * order * order)
        var integerCount = Int32(clamping: 3 + 5 * order)
        var work = [Double](repeating: 0, count: Int(workCount))
        var integers = [Int32](repeating: 0, count: Int(integerCount))
        dsyevd_(
            &jobs, &half, &size, &matrix, &size, &values, &work, &workCount, &integers, &integerCount, &status)
        return status
    }
}
