public import Tensors

/// Unit vectors, one a row, shape `[count, dimension]`, in one of several types, in one or several pieces of memory.
public struct VectorRows: Sendable {
    /// The number of rows.
    public let count: Int
    /// The numbers of a row.
    public let dimension: Int
    /// How the numbers are kept.
    public let element: VectorElement
    /// For `uint8` what each row's bytes are multiplied by; empty for other types.
    let scales: [Float]
    private let parts: [Part]
    /// The first row of each part, and after the last the number of rows.
    private let starts: [Int]

    /// Rows that lie one after the other.
    public struct Part: Sendable {
        /// What they lie in.
        public let memory: VectorMemory
        /// Where the first begins, in bytes.
        public let offset: Int
        /// How many there are.
        public let count: Int

        /// Rows in some memory.
        public init(memory: VectorMemory, offset: Int = 0, count: Int) {
            (self.memory, self.offset, self.count) = (memory, offset, count)
        }
    }

    /// The rows of `parts`, one part after the other; `scales` has one for each row of `uint8`.
    public init(_ parts: [Part], dimension: Int, element: VectorElement, scales: [Float] = []) {
        self.parts = parts.filter { $0.count > 0 }
        (self.dimension, self.element, self.scales) = (dimension, element, scales)
        starts = self.parts.reduce(into: [0]) { $0.append($0[$0.count - 1] + $1.count) }
        count = starts[self.parts.count]
        precondition(scales.count == (element == .uint8 ? count : 0), "\(scales.count) scales for \(count) rows")
        for part in self.parts {
            let end = part.offset + part.count * dimension * element.byteCount
            part.memory.withUnsafeBytes { precondition(end <= $0.count, "vectors end at \(end) in \($0.count) bytes") }
        }
    }

    /// The rows of `embeddings`, each divided by its length; a row of zeros stays one.
    public init(normalizing embeddings: Matrix) {
        let unit = embeddings.normalizedRows()
        self.init(
            [Part(memory: .floats(unit.elements), count: unit.rows)], dimension: unit.columns, element: .float32)
    }

    /// Some of the rows, in the same memory.
    public func rows(in range: Range<Int>) -> VectorRows {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "rows \(range) of \(count)")
        let found = pieces(of: range).map { Part(memory: $0.part.memory, offset: $0.offset, count: $0.rows.count) }
        return VectorRows(
            found, dimension: dimension, element: element, scales: scales.isEmpty ? [] : Array(scales[range]))
    }

    /// The rows of several, one after the other; all of one dimension and type.
    public static func joined(_ all: [VectorRows], dimension: Int, element: VectorElement) -> VectorRows {
        precondition(all.allSatisfy { $0.dimension == dimension && $0.element == element }, "rows of several kinds")
        return VectorRows(
            all.flatMap(\.parts), dimension: dimension, element: element, scales: all.flatMap(\.scales))
    }

    /// Calls `body` with the bytes of some rows, piece by piece, and the rows that they are.
    func forEachPiece(of rows: Range<Int>, _ body: (UnsafeRawBufferPointer, Range<Int>) -> Void) {
        precondition(rows.lowerBound >= 0 && rows.upperBound <= count, "rows \(rows) of \(count)")
        let width = dimension * element.byteCount
        for piece in pieces(of: rows) {
            piece.part.memory.withUnsafeBytes { bytes in
                let end = piece.offset + piece.rows.count * width
                body(UnsafeRawBufferPointer(rebasing: bytes[piece.offset..<end]), piece.rows)
            }
        }
    }

    /// The parts that have some of `rows`, where in their memory these begin, and which they are.
    private func pieces(of rows: Range<Int>) -> [(part: Part, offset: Int, rows: Range<Int>)] {
        guard !rows.isEmpty else { return [] }
        let first = starts.firstPosition { $0 > rows.lowerBound } - 1
        return parts.indices[first...].prefix { starts[$0] < rows.upperBound }.map { place in
            let inside = rows.clamped(to: starts[place]..<starts[place + 1])
            let offset = parts[place].offset + (inside.lowerBound - starts[place]) * dimension * element.byteCount
            return (parts[place], offset, inside)
        }
    }

    /// Writes the numbers of some rows to `target`, shape `[rows.count, dimension]`.
    func read(_ rows: Range<Int>, into target: UnsafeMutableBufferPointer<Float>) {
        forEachPiece(of: rows) { bytes, piece in
            let start = (piece.lowerBound - rows.lowerBound) * dimension
            let target = target.extracting(start..<start + piece.count * dimension)
            switch element {
            case .float32: _ = target.update(from: bytes.assumingMemoryBound(to: Float.self))
            case .float16: HalfPrecision.widen(bytes.assumingMemoryBound(to: UInt16.self), into: target)
            case .uint8:
                for (offset, row) in piece.enumerated() {
                    let range = offset * dimension..<(offset + 1) * dimension
                    for index in range { target[index] = scales[row] * Float(Int32(bytes[index]) - 128) }
                }
            }
        }
    }

    /// The numbers of some rows, shape `[rows.count, dimension]`.
    public func matrix(_ rows: Range<Int>) -> Matrix {
        Matrix(rows: rows.count, columns: dimension) { read(rows, into: $0) }
    }

    /// The numbers of rows in any order, shape `[rows.count, dimension]`.
    public func matrix(at rows: some Collection<Int>) -> Matrix {
        Matrix(rows: rows.count, columns: dimension) { target in
            for (place, row) in rows.enumerated() {
                read(row..<row + 1, into: target.extracting(place * dimension..<(place + 1) * dimension))
            }
        }
    }

    /// How far the length of a row may be from 1: what rounding a unit vector to `float16` does to it, unless most of it is lost below the
    /// smallest numbers. Lengths of other types are taken as they are.
    var lengthTolerance: Float { element == .float16 ? 0x1p-11 : 0 }

    /// The cosine similarity of a row and `query`, a unit vector, by sums in a fixed order, the same wherever the row lies; `-infinity` where
    /// it is not a number. A row of `float16` is divided by its length, which rounding has changed.
    func score(of row: Int, with query: UnsafeBufferPointer<Float>) -> Float {
        let score = withUnsafeTemporaryAllocation(of: Float.self, capacity: dimension) { values in
            read(row..<row + 1, into: values)
            let values = UnsafeBufferPointer(values)
            let product = VectorKernels.dotProduct(values, query)
            guard element == .float16 else { return product }
            let length = VectorKernels.dotProduct(values, values).squareRoot()
            return length > 0 ? product / length : product
        }
        return score.isNaN ? -.infinity : score
    }
}
