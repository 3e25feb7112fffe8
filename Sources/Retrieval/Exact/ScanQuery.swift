import Tensors

/// A query in the forms in which rows of every type are compared with it.
struct ScanQuery {
    /// A unit vector.
    private let values: [Float]
    /// The same as signed bytes, their scale and their sum.
    private let bytes: [Int8]
    private let scale: Float
    private let sum: Int32

    /// A query of unit length for rows of some type.
    init(_ values: [Float], for element: VectorElement) {
        self.values = values
        var bytes = element == .uint8 ? [Int8](repeating: 0, count: values.count) : []
        scale =
            element == .uint8
            ? values.withUnsafeBufferPointer { SignedBytes.quantize($0) { bytes[$0] = $1 } } : 0
        sum = bytes.reduce(Int32(0)) { $0 + Int32($1) }
        self.bytes = bytes
    }

    /// Writes the inner product with each of some rows to `scores`, one a row.
    func score(_ rows: Range<Int>, of vectors: VectorRows, into scores: UnsafeMutableBufferPointer<Float>) {
        vectors.forEachPiece(of: rows) { memory, piece in
            let start = piece.lowerBound - rows.lowerBound
            let target = scores.extracting(start..<start + piece.count)
            switch vectors.element {
            case .float32:
                values.withUnsafeBufferPointer {
                    ScanKernels.dots(memory.assumingMemoryBound(to: Float.self), $0, into: target)
                }
            case .float16:
                values.withUnsafeBufferPointer {
                    ScanKernels.dots(memory.assumingMemoryBound(to: UInt16.self), $0, into: target)
                }
            case .uint8: scoreBytes(memory.assumingMemoryBound(to: UInt8.self), vectors.scales[piece], into: target)
            }
        }
    }

    private func scoreBytes(
        _ rows: UnsafeBufferPointer<UInt8>, _ scales: ArraySlice<Float>, into target: UnsafeMutableBufferPointer<Float>
    ) {
        withUnsafeTemporaryAllocation(of: Int32.self, capacity: target.count) { dots in
            bytes.withUnsafeBufferPointer { ScanKernels.dots(rows, $0, into: dots) }
            for (position, scale) in scales.enumerated() {
                target[position] = scale * self.scale * Float(dots[position] - 128 * sum)
            }
        }
    }
}
