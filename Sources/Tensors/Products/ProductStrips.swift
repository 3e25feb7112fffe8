/// A product that is never in memory as a whole: strips of whole rows, each handed on by the thread that computed it while it is in
/// that core's cache. Strips depend on the shapes alone, so that they have the same bits on any number of threads.
struct ProductStrips {
    private let left, right: ProductFactor
    private let rowsPerStrip: Int

    /// Values of a strip: with more, less time goes into arranging the factors; with fewer, it stays nearer to the core.
    private static let values = 1 << 19
    /// Strips into which a product falls at least, if they have `fewestRows`, so that several cores have something to do.
    private static let (fewest, fewestRows) = (8, 128)

    init(_ left: ProductFactor, _ right: ProductFactor) {
        precondition(
            left.width == right.height && left.element == right.element,
            "product of [\(left.height), \(left.width)] and [\(right.height), \(right.width)]")
        (self.left, self.right) = (left, right)
        let shared = max((left.height + Self.fewest - 1) / Self.fewest, Self.fewestRows)
        rowsPerStrip = max(1, min(shared, Self.values / max(right.width, 1)))
    }

    /// Calls `body` with the rows of each strip and their values, several at a time.
    func forEach(_ body: (Range<Int>, UnsafeBufferPointer<Float>) -> Void) {
        guard left.height > 0, right.width > 0 else { return }
        Parallel.forEachRange(of: left.height, length: rowsPerStrip) { rows in
            withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * right.width) { strip in
                compute(rows, into: strip)
                body(rows, UnsafeBufferPointer(strip))
            }
        }
    }

    private func compute(_ rows: Range<Int>, into strip: UnsafeMutableBufferPointer<Float>) {
        guard left.width > 0 else { return strip.initialize(repeating: 0) }
        let shape = ProductKernel.Shape(
            rows: rows.count, columns: right.width, depth: left.width, element: left.element,
            left: left.strides, right: right.strides, targetStride: right.width)
        ProductKernel.of(shape).run(
            left.address(row: rows.lowerBound, column: 0), right.base, into: strip.baseAddress)
    }
}
