import Tensors

extension VectorRows {
    private static let rowsPerPiece = 256

    /// The same rows as binary16, each number rounded to the nearest, ties to even; numbers beyond its range become infinite, which
    /// those of unit vectors are not.
    public var asFloat16: VectorRows {
        var halves = [UInt16](repeating: 0, count: count * dimension)
        halves.withUnsafeMutableBufferPointer { halves in
            Parallel.forEachRange(of: count, length: Self.rowsPerPiece) { rows in
                let piece = halves.extracting(rows.lowerBound * dimension..<rows.upperBound * dimension)
                matrix(rows).withUnsafeElements { _ = HalfPrecision.narrow($0, into: piece) }
            }
        }
        return VectorRows([Part(memory: .halves(halves), count: count)], dimension: dimension, element: .float16)
    }

    /// The same rows as bytes: `scale = max |x| / 127`, `byte = x / scale + 128` rounded to the nearest, as symmetric 8-bit
    /// quantization with a scale for each row is usual. Rows that are not finite become zeros.
    public var asUInt8: VectorRows {
        var bytes = [UInt8](repeating: 0, count: count * dimension)
        var scales = [Float](repeating: 0, count: count)
        bytes.withUnsafeMutableBufferPointer { bytes in
            scales.withUnsafeMutableBufferPointer { scales in
                Parallel.forEachRange(of: count, length: Self.rowsPerPiece) { rows in
                    let numbers = matrix(rows)
                    for (offset, row) in rows.enumerated() {
                        let target = bytes.extracting(row * dimension..<(row + 1) * dimension)
                        scales[row] = numbers.withUnsafeElements {
                            SignedBytes.quantize($0.extracting(offset * dimension..<(offset + 1) * dimension)) {
                                target[$0] = UInt8(bitPattern: $1) ^ 0x80
                            }
                        }
                    }
                }
            }
        }
        return VectorRows(
            [Part(memory: .bytes(bytes), count: count)], dimension: dimension, element: .uint8, scales: scales)
    }
}

/// Numbers as signed bytes and a scale.
enum SignedBytes {
    /// Calls `write` with the position of each number and its byte; returns the scale: the number is about `scale * byte`. Numbers
    /// of which one is not finite all become 0.
    static func quantize(_ values: UnsafeBufferPointer<Float>, _ write: (Int, Int8) -> Void) -> Float {
        let largest = values.reduce(Float(0)) { $1.isFinite ? max($0, abs($1)) : .infinity }
        let scale = largest / 127
        guard scale.isFinite, scale > 0 else {
            for index in values.indices { write(index, 0) }
            return 0
        }
        for index in values.indices {
            write(index, Int8(min(max((values[index] / scale).rounded(.toNearestOrEven), -127), 127)))
        }
        return scale
    }
}
