import Tensors
import Testing

@testable import FeatureStorage

@Suite("LZ4") struct LZ4Tests {
    private func unpack(_ bytes: [UInt8], count: Int) throws -> [UInt8] {
        var result = [UInt8](repeating: 0xAA, count: count)
        try result.withUnsafeMutableBytes { target in try bytes.withUnsafeBytes { try LZ4.unpack($0, into: target) } }
        return result
    }

    @Test("gives back what it packed, and does not pack what would not shrink")
    func roundTrip() throws {
        var generator = SeededGenerator(seed: 1)
        let random = (0..<5000).map { _ in UInt8(generator.index(below: 256)) }
        let sparse = random.enumerated().map { $0.offset % 5 == 0 ? $0.element : 0 }
        #expect(random.withUnsafeBytes { LZ4.pack($0) } == nil)
        let packed = try #require(sparse.withUnsafeBytes { LZ4.pack($0) })
        #expect(packed.count < sparse.count)
        #expect(try unpack(packed, count: sparse.count) == sparse)
        #expect([UInt8]().withUnsafeBytes { LZ4.pack($0) } == nil)
    }

    @Test("refuses damaged bytes and other lengths without harm")
    func damage() throws {
        let raw = (0..<3000).map { UInt8($0 % 7) }
        let packed = try #require(raw.withUnsafeBytes { LZ4.pack($0) })
        for length in 0..<packed.count {
            #expect(throws: FormatFault.self) { try unpack(Array(packed[..<length]), count: raw.count) }
        }
        #expect(throws: FormatFault.self) { try unpack(packed, count: raw.count + 1) }
        #expect(throws: FormatFault.self) { try unpack(packed, count: raw.count - 1) }
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<500 {
            var flipped = packed
            flipped[generator.index(below: packed.count)] ^= 1 << generator.index(below: 8)
            _ = try? unpack(flipped, count: raw.count)
        }
    }

    @Test("bounds what a stored length can unpack to")
    func bound() {
        #expect(LZ4.canUnpack(100, to: 25_000))
        #expect(!LZ4.canUnpack(100, to: 26_000))
        #expect(!LZ4.canUnpack(.max, to: .max))
    }
}
