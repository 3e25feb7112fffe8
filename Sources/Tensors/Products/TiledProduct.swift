import CKernels

/// A product in tiles, each computed from beginning to end by one thread. Tiles depend on the shapes alone, so the result has
/// the same bits however many threads there are.
struct TiledProduct {
    private let left, right: ProductFactor
    private let target: UnsafeMutableBufferPointer<Float>
    private let tileRows, tileColumns: Int
    /// Whether tiles are computed with the factors exchanged, and turned when they are done.
    private let isTurned: Bool

    /// Tiles as large as still give a processor with several cores something to do: on larger ones less time goes into
    /// arranging the factors.
    private static let (largestRows, smallColumns, largeColumns, manyColumns) = (512, 256, 512, 2048)
    /// The most columns of a tile of many rows.
    private static let widestColumns = 1024
    /// Rows of a product that is computed with the factors exchanged. With the larger factor on the left, which it takes as it lies,
    /// oneDNN makes 1.13 times the products a second at 1,024 rows, 1.2 times at 128, 2.9 times at 16 (AVX-512, two cores); below 8
    /// it makes fewer, and so it does above 512 without AVX-512.
    private static let turnedRows = 8...(ProductKernel.hasAVX512 ? Int.max : largestRows)
    /// Tiles of whole rows of a product of many, as long as they are no wider: with AVX-512 oneDNN takes both factors as they lie
    /// where the rows of a tile follow each other, and makes 1.07 times the products a second (1,024 x 2,048 x 2,048).
    private static let (wholeRows, widestWholeRows) = (256, ProductKernel.hasAVX512 ? 4096 : 0)

    /// The product of `left` and `right` into `target`, `left.height * right.width` values in row-major order.
    init(_ left: ProductFactor, _ right: ProductFactor, into target: UnsafeMutableBufferPointer<Float>) {
        precondition(
            left.width == right.height && left.element == right.element,
            "product of [\(left.height), \(left.width)] and [\(right.height), \(right.width)]")
        precondition(target.count >= left.height * right.width, "\(target.count) values for a product")
        (self.left, self.right, self.target) = (left, right, target)
        isTurned =
            left.orientation == .plain && right.orientation == .transposed && Self.turnedRows.contains(left.height)
        let hasWholeRows =
            left.orientation == .plain && right.orientation == .plain && left.height > Self.largestRows
            && right.width <= Self.widestWholeRows
        if hasWholeRows {
            (tileRows, tileColumns) = (Self.wholeRows, right.width)
        } else {
            tileRows = min(left.height, Self.largestRows)
            tileColumns = Self.columns(height: left.height, width: right.width, isTurned: isTurned)
        }
    }

    private static func columns(height: Int, width: Int, isTurned: Bool) -> Int {
        if isTurned { return width < 2 * largeColumns ? smallColumns / 2 : smallColumns }
        if height < largestRows { return width < manyColumns ? smallColumns : largeColumns }
        // Tiles of one width, of which there are at least two.
        let count = max((width + widestColumns - 1) / widestColumns, height == largestRows ? 2 : 1)
        return ((width + count - 1) / count + 63) / 64 * 64
    }

    /// Computes all tiles. True where tiles have all rows: then `body` was called with the columns of each as soon as it was done,
    /// while it was in the cache, several at a time; else it was not called.
    func compute(_ body: (Range<Int>) -> Void) -> Bool {
        let (height, width) = (left.height, right.width)
        guard height > 0, left.width > 0 else {
            target.extracting(..<(height * width)).update(repeating: 0)
            return false
        }
        let across = (width + tileColumns - 1) / max(tileColumns, 1)
        let down = (height + tileRows - 1) / tileRows
        Parallel.forEachRange(of: down * across, length: 1) { range in
            for tile in range {
                let (row, column) = (tile / across * tileRows, tile % across * tileColumns)
                let columns = column..<min(column + tileColumns, width)
                compute(rows: row..<min(row + tileRows, height), columns: columns)
                if down == 1 { body(columns) }
            }
        }
        return down == 1
    }

    private func compute(rows: Range<Int>, columns: Range<Int>) {
        guard !isTurned else { return computeTurned(rows: rows, columns: columns) }
        let kernel = ProductKernel.Shape(
            rows: rows.count, columns: columns.count, depth: left.width, element: left.element,
            left: left.strides, right: right.strides, targetStride: right.width)
        ProductKernel.of(kernel).run(
            left.address(row: rows.lowerBound, column: 0), right.address(row: 0, column: columns.lowerBound),
            into: place(rows, columns))
    }

    /// The tile as the product of the transposed factors, which stays in the cache until it is written to its place.
    private func computeTurned(rows: Range<Int>, columns: Range<Int>) {
        func turned(_ strides: (down: Int, across: Int)) -> (down: Int, across: Int) { (strides.across, strides.down) }
        let kernel = ProductKernel.Shape(
            rows: columns.count, columns: rows.count, depth: left.width, element: left.element,
            left: turned(right.strides), right: turned(left.strides), targetStride: rows.count)
        withUnsafeTemporaryAllocation(of: Float.self, capacity: rows.count * columns.count) { tile in
            ProductKernel.of(kernel).run(
                right.address(row: 0, column: columns.lowerBound), left.address(row: rows.lowerBound, column: 0),
                into: tile.baseAddress)
            write(tile, rows, columns)
        }
    }

    /// Writes a tile `[columns, rows]` to its place.
    private func write(_ tile: UnsafeMutableBufferPointer<Float>, _ rows: Range<Int>, _ columns: Range<Int>) {
        guard let to = place(rows, columns), let from = tile.baseAddress else { return }
        ftc_transpose(from, columns.count, rows.count, rows.count, to, right.width)
    }

    private func place(_ rows: Range<Int>, _ columns: Range<Int>) -> UnsafeMutablePointer<Float>? {
        target.baseAddress.map { $0 + rows.lowerBound * right.width + columns.lowerBound }
    }
}
