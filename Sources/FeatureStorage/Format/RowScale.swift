/// How the bytes of a u8 row stand for values: `offset + scale * byte`.
struct RowScale: Hashable, Sendable {
    static let byteCount = 8

    let scale: Float
    let offset: Float

    /// The scale of a row: from its smallest value, or zero where none is negative, to its largest, or zero where none is
    /// positive. So zeros of a row without negatives stay exactly zero. Not finite where the row's span is not.
    init(of row: UnsafeBufferPointer<Float>) {
        var (smallest, largest): (Float, Float) = (0, 0)
        for value in row {
            smallest = value < smallest ? value : smallest
            largest = value > largest ? value : largest
        }
        scale = (largest - smallest) / 255
        offset = smallest
    }

    /// The scale of row `row` in the front part of a payload.
    init(_ payload: UnsafeRawBufferPointer, row: Int) {
        func float(at offset: Int) -> Float {
            Float(bitPattern: UInt32(littleEndian: payload.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
        }
        scale = float(at: row * Self.byteCount)
        offset = float(at: row * Self.byteCount + 4)
    }

    /// Scale and offset, binary32.
    var encoded: [UInt8] {
        var bytes = [UInt8](repeating: 0, count: Self.byteCount)
        bytes.store(scale.bitPattern, at: 0)
        bytes.store(offset.bitPattern, at: 4)
        return bytes
    }

    /// How many values of the row cannot be kept: those not finite, or all where the row's span is not.
    func misfits(in row: UnsafeBufferPointer<Float>) -> Int {
        let notFinite = row.reduce(0) { $0 + ($1.isFinite ? 0 : 1) }
        return notFinite > 0 || scale.isFinite ? notFinite : row.count
    }

    /// Writes the bytes of a row: `(value - offset) / scale` to the nearest integer, ties to even, in `0...255`.
    func encode(_ row: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<UInt8>) {
        precondition(row.count == target.count, "\(row.count) values into \(target.count) bytes")
        guard scale > 0 else { return target.update(repeating: 0) }
        // Adding 1.5 * 2^23 leaves no bits behind the point, so the addition itself rounds, and to even.
        let shift: Float = 0x1.8p23
        for index in 0..<row.count {
            var quotient = (row[index] - offset) / scale
            quotient = quotient < 255 ? quotient : 255
            quotient = quotient > 0 ? quotient : 0
            target[index] = UInt8(truncatingIfNeeded: (quotient + shift).bitPattern)
        }
    }

    /// Writes the values of a row of bytes.
    func decode(_ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableBufferPointer<Float>) {
        precondition(bytes.count == target.count, "\(bytes.count) bytes into \(target.count) values")
        for index in 0..<bytes.count { target[index] = offset + scale * Float(bytes[index]) }
    }
}
