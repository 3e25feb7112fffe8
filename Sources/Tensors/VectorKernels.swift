/// Sums over two vectors of one length, sixteen lanes at a time and in a fixed order.
package enum VectorKernels {
    private typealias Lanes = SIMD16<Float>

    /// The sum of the squared differences.
    package static func squaredDistance(_ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>)
        -> Float
    {
        let (leftBytes, rightBytes) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        let whole = left.count - left.count % Lanes.scalarCount
        var total = Lanes.zero
        for offset in stride(from: 0, to: whole * 4, by: Lanes.scalarCount * 4) {
            let difference =
                leftBytes.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
                - rightBytes.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
            total += difference * difference
        }
        var rest: Float = 0
        for index in whole..<left.count { rest += (left[index] - right[index]) * (left[index] - right[index]) }
        return total.sum() + rest
    }

    /// The sum of the products.
    package static func dotProduct(_ left: UnsafeBufferPointer<Float>, _ right: UnsafeBufferPointer<Float>) -> Float {
        let (leftBytes, rightBytes) = (UnsafeRawBufferPointer(left), UnsafeRawBufferPointer(right))
        let whole = left.count - left.count % Lanes.scalarCount
        var total = Lanes.zero
        for offset in stride(from: 0, to: whole * 4, by: Lanes.scalarCount * 4) {
            total +=
                leftBytes.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
                * rightBytes.loadUnaligned(fromByteOffset: offset, as: Lanes.self)
        }
        var rest: Float = 0
        for index in whole..<left.count { rest += left[index] * right[index] }
        return total.sum() + rest
    }
}
