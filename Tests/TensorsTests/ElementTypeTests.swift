import Tensors
import Testing

@Suite("ElementType")
struct ElementTypeTests {
    @Test("Numbers of every type become floats, wherever they lie")
    func conversion() {
        let cases: [(ElementType, [UInt8], [Float])] = [
            (.float64, littleEndian((-1.5).bitPattern) + littleEndian((1e300).bitPattern), [-1.5, .infinity]),
            (.float32, littleEndian(Float(-1.5).bitPattern) + littleEndian(Float.nan.bitPattern), [-1.5, .nan]),
            (.float16, [0x00, 0xBE, 0x01, 0x00], [-1.5, 0x1p-24]),
            (.bfloat16, [0xC0, 0xBF, 0x80, 0x7F], [-1.5, .infinity]),
            (.int64, littleEndian(Int64.min) + littleEndian(Int64(5)), [-0x1p63, 5]),
            (.int32, littleEndian(Int32(-7)) + littleEndian(Int32.max), [-7, 0x1p31]),
            (.int16, littleEndian(Int16(-7)) + littleEndian(Int16(300)), [-7, 300]), (.int8, [0xFF, 0x7F], [-1, 127]),
            (.uint8, [0xFF, 0], [255, 0]), (.bool, [1, 0], [1, 0]),
        ]
        #expect(Set(cases.map(\.0)) == Set(ElementType.allCases))
        for (type, bytes, expected) in cases {
            #expect(bytes.count == 2 * type.size)
            for shift in 0..<8 {
                let moved = [UInt8](repeating: 0xAA, count: shift) + bytes
                let floats = moved.withUnsafeBytes {
                    type.floats(in: UnsafeRawBufferPointer(rebasing: $0[shift...]), count: 2)
                }
                #expect(zip(floats, expected).allSatisfy { $0 == $1 || ($0.isNaN && $1.isNaN) }, "\(type) at \(shift)")
            }
        }
        #expect(ElementType.float32.floats(in: UnsafeRawBufferPointer(start: nil, count: 0), count: 0).isEmpty)
    }
}

/// A number's bytes, least significant first.
private func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] {
    withUnsafeBytes(of: value.littleEndian) { Array($0) }
}
