import Tensors
import Testing

@testable import FeatureStorage

@Suite("Wavelet tree") struct WaveletTreeTests {
    private func encode(_ bytes: [UInt8], ifBelow limit: Int = .max) -> [UInt8]? {
        bytes.withUnsafeBytes { WaveletTree.encode($0, ifBelow: limit) }
    }

    /// The bytes of a tree and how many stored bytes were left.
    private func decode(_ stored: [UInt8], count: Int) throws -> ([UInt8], left: Int) {
        var (plane, room) = ([UInt8](repeating: 0xAA, count: count), [UInt8](repeating: 0xAA, count: count))
        let left = try stored.withUnsafeBytes { stored in
            var rest = stored
            try plane.withUnsafeMutableBytes { plane in
                try room.withUnsafeMutableBytes { try WaveletTree.decode(&rest, into: plane, room: $0) }
            }
            return rest.count
        }
        return (plane, left)
    }

    /// The bitmaps of the naive tree: codes as lists of bits, nodes by recursion.
    private func naiveBitmaps(_ bytes: [UInt8], _ code: PrefixCode) -> [UInt8] {
        var codes: [UInt8: [Bool]] = [:]
        var next = 0
        for (symbol, length) in zip(code.symbols, code.lengths) {
            codes[symbol] = (0..<Int(length)).map { next >> (PrefixCode.longest - 1 - $0) & 1 == 1 }
            next += 1 << (PrefixCode.longest - Int(length))
        }
        func node(_ passing: [UInt8], _ symbols: [UInt8], _ depth: Int) -> [UInt8] {
            guard symbols.count > 1 else { return [] }
            func bit(_ symbol: UInt8) -> Bool { codes[symbol]?[depth] ?? false }
            var bitmap = [UInt8](repeating: 0, count: (passing.count + 7) / 8)
            for (index, byte) in passing.enumerated() where bit(byte) { bitmap[index / 8] |= 1 << (index % 8) }
            return bitmap + node(passing.filter { !bit($0) }, symbols.filter { !bit($0) }, depth + 1)
                + node(passing.filter(bit), symbols.filter(bit), depth + 1)
        }
        return node(bytes, code.symbols, 0)
    }

    static let samples: [[UInt8]] = {
        var generator = SeededGenerator(seed: 3)
        func skewed(_ count: Int, _ symbols: Int) -> [UInt8] {
            (0..<count).map { _ in UInt8(generator.index(below: generator.index(below: symbols) + 1) &* 37 & 255) }
        }
        return [
            [5], [5, 5, 5], [1, 2], [255, 0, 255], skewed(9, 3), skewed(63, 9), skewed(64, 9), skewed(65, 256),
            skewed(1000, 256), skewed(4097, 50), (0..<256).map { UInt8($0) }, [UInt8](repeating: 0, count: 300) + [1],
        ]
    }()

    @Test("is the naive tree, and gives back its bytes", arguments: samples)
    func roundTrip(bytes: [UInt8]) throws {
        let stored = try #require(encode(bytes))
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        let code = PrefixCode(counts: counts)
        #expect(stored == code.encoded + naiveBitmaps(bytes, code))
        let (decoded, left) = try decode(stored + [1, 2, 3], count: bytes.count)
        #expect(decoded == bytes && left == 3)
        #expect(encode(bytes, ifBelow: stored.count) == nil)
        #expect(encode(bytes, ifBelow: stored.count + 1) == stored)
    }

    @Test("of known bytes is known to the bit")
    func golden() throws {
        // Counts c 4, a 2, b 1, d 1; codes c 0, a 10, b 110, d 111.
        let stored = try #require(encode(Array("cabcacdc".utf8)))
        #expect(stored == [3, 99, 1, 97, 2, 98, 3, 100, 3, 0b0101_0110, 0b1010, 0b10])
        #expect(encode([9, 9, 9]) == [0, 9, 0])
    }

    @Test("refuses what is cut off and spare bits, at every place")
    func damage() throws {
        let bytes = Self.samples[8]
        let stored = try #require(encode(bytes))
        for length in 0..<stored.count {
            #expect(throws: FormatFault.self) { try decode(Array(stored[..<length]), count: bytes.count) }
        }
        #expect(throws: FormatFault.self) { try decode([1, 7, 1, 8, 1, 0b1000], count: 3) }
        #expect(try decode([1, 7, 1, 8, 1, 0b100], count: 3).0 == [7, 7, 8])
    }

    @Test("of the deepest code decodes without recursion")
    func deepest() throws {
        let lengths = (1...24).map { UInt8($0) } + [24]
        let table: [UInt8] = [24] + lengths.enumerated().flatMap { [UInt8($0.offset), $0.element] }
        let (decoded, left) = try decode(table + [UInt8](repeating: 1, count: 24), count: 1)
        #expect(decoded == [24] && left == 0)
    }
}
