import Tensors
import Testing

@testable import FeatureStorage

@Suite("Row coding") struct RowCodingTests {
    private func encode(_ rows: [Float], _ type: RowType, dimension: Int) -> RowCoding.Encoded {
        rows.withUnsafeBufferPointer { RowCoding(rowType: type, dimension: dimension).encode($0) }
    }

    private func decode(_ payload: [UInt8], _ type: RowType, dimension: Int, count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { target, initialized in
            payload.withUnsafeBytes {
                RowCoding(rowType: type, dimension: dimension).decode($0, into: target.extracting(..<count))
            }
            initialized = count
        }
    }

    private func roundTrip(_ rows: [Float], _ type: RowType, dimension: Int) -> [Float] {
        let encoded = encode(rows, type, dimension: dimension)
        #expect(encoded.misfits == 0 && encoded.firstMisfit == nil)
        #expect(
            encoded.scales.count + encoded.values.count
                == rows.count / dimension * type.bytesPerRow(dimension: dimension))
        return decode(encoded.scales + encoded.values, type, dimension: dimension, count: rows.count)
    }

    private func random(_ count: Int, seed: UInt64, from low: Float = -10, to high: Float = 10) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in generator.index(below: 3) == 0 ? 0 : generator.uniform(low, high) }
    }

    @Test("f32 keeps every bit, f16 the nearest half")
    func exact() {
        let rows = random(15 * 37, seed: 1) + [Float](repeating: -0.0, count: 37)
        #expect(roundTrip(rows, .float32, dimension: 37).map(\.bitPattern) == rows.map(\.bitPattern))
        #expect(
            roundTrip(rows, .float16, dimension: 37).map(\.bitPattern) == rows.map { Float(Float16($0)).bitPattern })
    }

    /// The nearest bfloat16 by distance, of two the one with an even pattern.
    private func naiveBrainFloat(_ value: Float) -> Float {
        let low = value.bitPattern >> 16
        let (below, above) = (Float(bitPattern: low << 16), Float(bitPattern: (low + 1) << 16))
        let (down, up) = (abs(Double(value) - Double(below)), abs(Double(above) - Double(value)))
        return down < up || (down == up && low % 2 == 0) ? below : above
    }

    @Test("bf16 rounds to the nearest, ties to even")
    func brainFloat() {
        var generator = SeededGenerator(seed: 2)
        var rows = (0..<2000).map { _ in
            Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()) & 0xBFFF_FFFF)
        }
        rows += [0x3F80_8000, 0x3F81_8000, 0x3F80_8001, 0x3F80_7FFF, 1, 0x8000, 0x8000_0000].map {
            Float(bitPattern: $0)
        }
        #expect(
            roundTrip(rows, .bfloat16, dimension: 1).map(\.bitPattern) == rows.map { naiveBrainFloat($0).bitPattern })
    }

    @Test(
        "u8 keeps each row within half a step, and zeros of rows without negatives exactly", arguments: [1, 7, 64, 65])
    func scaled(dimension: Int) {
        for (low, high): (Float, Float) in [(0, 10), (-10, 10), (-10, -1), (3, 4), (0, 0x1p-139), (-3e37, 3e38)] {
            let rows = random(dimension * 9, seed: 3, from: low, to: high)
            let back = roundTrip(rows, .uint8, dimension: dimension)
            for row in 0..<9 {
                let range = row * dimension..<(row + 1) * dimension
                let (smallest, largest) = (min(0, rows[range].min() ?? 0), max(0, rows[range].max() ?? 0))
                let scale = (largest - smallest) / 255
                for index in range {
                    let quotient = ((rows[index] - smallest) / scale).rounded(.toNearestOrEven)
                    let expected = scale > 0 ? smallest + scale * min(255, max(0, quotient)) : smallest
                    #expect(back[index] == expected)
                    if low >= 0 && rows[index] == 0 { #expect(back[index] == 0) }
                    if scale > 1e-36 { #expect(abs(back[index] - rows[index]) <= scale * 0.5001) }
                }
            }
        }
    }

    @Test("u8 is these bytes")
    func golden() {
        // Two rows of scale 1 with the offsets 0 and -1.
        let encoded = encode([0, 255, 2.5, 3.5, -1, 254, 0, 0.5], .uint8, dimension: 4)
        #expect(encoded.values == [0, 255, 2, 4, 0, 255, 1, 2])
        #expect(encoded.scales == [0, 0, 0x80, 0x3F, 0, 0, 0, 0, 0, 0, 0x80, 0x3F, 0, 0, 0x80, 0xBF])
        let zeros = encode([0, -0.0], .uint8, dimension: 2)
        #expect(zeros.scales == [UInt8](repeating: 0, count: 8) && zeros.values == [0, 0])
    }

    @Test("counts what a type cannot hold and says which is first")
    func misfits() {
        let overflow = Float(bitPattern: 0x7F7F_8000)
        let cases: [(RowType, [Float], Int, Int?)] = [
            (.float16, [1, 65520, 2, -70000], 2, 1), (.float16, [65519.99, -65519.99, 0, 0], 0, nil),
            (.float32, [1, 2, -.infinity, .nan], 2, 2), (.float32, [.greatestFiniteMagnitude, 0, 0, 0], 0, nil),
            (.bfloat16, [1, 1, 1, overflow], 1, 3), (.bfloat16, [overflow.nextDown, -overflow.nextDown, 0, 0], 0, nil),
            (.bfloat16, [Float(bitPattern: 0xFFFF_FFFF), Float(bitPattern: 0x7FFF_FFFF), .nan, -.infinity], 4, 0),
            (.uint8, [1, 2, 3, .nan], 1, 3), (.uint8, [1, 2, .infinity, 3], 1, 2),
            (.uint8, [1, 2, .greatestFiniteMagnitude, -.greatestFiniteMagnitude], 2, 2),
        ]
        for (type, rows, count, first) in cases {
            let encoded = encode(rows, type, dimension: 2)
            #expect(encoded.misfits == count && encoded.firstMisfit == first, "\(type) \(rows)")
        }
        for type in RowType.allCases { #expect(encode([], type, dimension: 3) == RowCoding.Encoded()) }
    }

    @Test("codes of row types are those of the format")
    func codes() {
        #expect(RowType.allCases.map(\.code).sorted() == [1, 2, 3, 4])
        for (code, name) in [(1, "f16"), (2, "f32"), (3, "bf16"), (4, "u8")] {
            #expect(RowType(code: UInt8(code))?.rawValue == name)
        }
        #expect(RowType(code: 0) == nil && RowType(code: 5) == nil)
        #expect(
            [RowType.float16, .float32, .bfloat16, .uint8].map { $0.bytesPerRow(dimension: 10) } == [20, 40, 20, 18])
    }
}
