/// A product in tiles, each computed from beginning to end by one thread. Tiles depend on the shapes alone, so the result has
/// the same bits however many threads there are.
struct TiledProduct {
    private let left, right: ProductFactor
    private let target: UnsafeMutableBufferPointer<Float>
    private let tileRows, tileColumns: Int

    /// Tiles as large as still give a processor with several cores something to do: on larger ones less time goes into
    /// arranging the factors.
    private static let (largestRows, smallColumns, largeColumns, manyColumns) = (512, 256, 512, 2048)

    /// The product of `left` and `right` into `target`, `left.height * right.width` values in row-major order.
    init(_ left: ProductFactor, _ right: ProductFactor, into target: UnsafeMutableBufferPointer<Float>) {
        precondition(
            left.width == right.height && left.element == right.element,
            "product of [\(left.height), \(left.width)] and [\(right.height), \(right.width)]")
        precondition(target.count >= left.height * right.width, "\(target.count) values for a product")
        (self.left, self.right, self.target) = (left, right, target)
        tileRows = min(left.height, Self.largestRows)
        let isSmall = left.height < Self.largestRows && right.width < Self.manyColumns
        tileColumns = min(right.width, isSmall ? Self.smallColumns : Self.largeColumns)
    }

    /// Computes all tiles.
    func compute() {
        let (height, width) = (left.height, right.width)
        guard height > 0, width > 0 else { return }
        guard left.width > 0 else { return target.update(repeating: 0) }
        let across = (width + tileColumns - 1) / tileColumns
        let down = (height + tileRows - 1) / tileRows
        Parallel.forEachRange(of: down * across, length: 1) { range in
            for tile in range {
                let (row, column) = (tile / across * tileRows, tile % across * tileColumns)
                compute(
                    rows: row..<min(row + tileRows, height), columns: column..<min(column + tileColumns, width))
            }
        }
    }

    private func compute(rows: Range<Int>, columns: Range<Int>) {
        let kernel = ProductKernel.Shape(
            rows: rows.count, columns: columns.count, depth: left.width, element: left.element,
            left: left.strides, right: right.strides, targetStride: right.width)
        ProductKernel.of(kernel).run(
            left.address(row: rows.lowerBound, column: 0), right.address(row: 0, column: columns.lowerBound),
            into: target.baseAddress.map { $0 + rows.lowerBound * right.width + columns.lowerBound })
    }
}
