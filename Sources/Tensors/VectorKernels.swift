import CKernels

/// Sums over two vectors of one length, sixteen lanes at a time and in one order on every processor: the same pair has the same
/// bits, alone or among several rows.
package enum VectorKernels {
    /// The sum of the squared differences.
    package static func squaredDistance(_ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>)
        -> Float
    {
        Float(ofRow: left, right, ftc_squared_distances)
    }

    /// The sum of the products.
    package static func dotProduct(_ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>) -> Float {
        Float(ofRow: left, right, ftc_dot_products)
    }

    /// Writes the squared distance of `query` from each of `rows`, one after the other, to `distances`: several times as fast as
    /// one call for each.
    package static func squaredDistances(
        of rows: UnsafeBufferPointer<Float>, from query: UnsafeBufferPointer<Float>,
        into distances: UnsafeMutableBufferPointer<Float>
    ) {
        compute(rows, query, distances, ftc_squared_distances)
    }

    /// Writes the product of `query` with each of `rows`, one after the other, to `products`.
    package static func dotProducts(
        of rows: UnsafeBufferPointer<Float>, with query: UnsafeBufferPointer<Float>,
        into products: UnsafeMutableBufferPointer<Float>
    ) {
        compute(rows, query, products, ftc_dot_products)
    }

    fileprivate typealias Kernel = (
        UnsafePointer<Float>, Int, Int, UnsafePointer<Float>, UnsafeMutablePointer<Float>
    ) -> Void

    private static func compute(
        _ rows: UnsafeBufferPointer<Float>, _ query: UnsafeBufferPointer<Float>,
        _ results: UnsafeMutableBufferPointer<Float>, _ kernel: Kernel
    ) {
        precondition(rows.count == results.count * query.count, "\(rows.count) values for \(results.count) sums")
        guard let target = results.baseAddress else { return }
        guard let rows = rows.baseAddress, let values = query.baseAddress else { return results.update(repeating: 0) }
        kernel(rows, results.count, query.count, values, target)
    }
}

extension Float {
    /// The one result of a kernel over one row.
    fileprivate init(
        ofRow row: UnsafeBufferPointer<Float>, _ query: UnsafeBufferPointer<Float>, _ kernel: VectorKernels.Kernel
    ) {
        precondition(row.count == query.count, "vectors of \(row.count) and \(query.count) values")
        self = 0
        guard let values = row.baseAddress, let others = query.baseAddress else { return }
        kernel(values, 1, row.count, others, &self)
    }
}
