import Testing

@testable import FeatureStorage

@Suite("Bitmap") struct BitmapTests {
    private func ones(_ bytes: [UInt8], _ count: Int) throws -> Int {
        try bytes.withUnsafeBytes { try Bitmap.ones(in: $0, count: count) }
    }

    @Test("has a byte for each 8 bits begun")
    func byteCounts() {
        #expect([0, 1, 8, 9, 64].map(Bitmap.byteCount) == [0, 1, 1, 2, 8])
        #expect(Bitmap.byteCount(of: .max) == Int.max / 8 + 1)
    }

    @Test("counts its ones and refuses ones past its end")
    func spareBits() throws {
        #expect(try ones([], 0) == 0)
        #expect(try ones([0xFF], 8) == 8)
        #expect(try ones([0xFF, 0b101], 11) == 10)
        for bit in 3..<8 {
            #expect(throws: FormatFault.self) { try ones([0xFF, 1 << bit], 11) }
        }
    }
}
