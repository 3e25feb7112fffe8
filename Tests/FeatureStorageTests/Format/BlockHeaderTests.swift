import Tensors
import Testing

@testable import FeatureStorage

@Suite("A block's header") struct BlockHeaderTests {
    private let segment = [UInt8](0..<16)

    private var header: BlockHeader {
        BlockHeader(
            kind: .chunk, rowType: .float16, rows: 3, dimension: 10, sequence: 77, segment: segment, offset: 640,
            rowTableChecksum: 1, payloadCodec: .lz4, payload: .init(stored: 40, raw: 60, checksum: 2),
            metadataCodec: .raw, metadata: .init(stored: 100, raw: 100, checksum: 3))
    }

    private func decode(_ bytes: [UInt8], available: Int = 1 << 20) throws -> BlockHeader {
        try BlockHeader(decoding: bytes, segment: segment, offset: 640, available: available)
    }

    /// The bytes with their checksum made right again, as a hostile file would have it.
    private func resealed(_ bytes: [UInt8]) -> [UInt8] {
        var bytes = bytes
        bytes.store(Checksum.crc32c(Array(bytes[..<124])), at: 124)
        return bytes
    }

    @Test("gives itself back and places its sections on multiples of 64")
    func roundTrip() throws {
        #expect(try decode(header.encoded) == header)
        #expect(
            [header.rowTableOffset, header.payloadOffset, header.metadataOffset, header.length] == [128, 256, 320, 448])
        #expect(try decode(header.encoded, available: 448) == header)
    }

    @Test("is refused with any bit flipped, at any shorter length, and at another place")
    func damage() {
        let bytes = header.encoded
        for length in 0..<128 { #expect(throws: FormatFault.self) { try decode(Array(bytes[..<length])) } }
        for bit in 0..<1024 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: FormatFault.self) { try decode(flipped) }
        }
        for available in 0..<448 { #expect(throws: FormatFault.self) { try decode(bytes, available: available) } }
        let elsewhere = FormatFault.damaged("it belongs to another place")
        #expect(throws: elsewhere) {
            try BlockHeader(decoding: bytes, segment: segment, offset: 704, available: 1 << 20)
        }
        #expect(throws: elsewhere) {
            try BlockHeader(decoding: bytes, segment: [UInt8](1...16), offset: 640, available: 1 << 20)
        }
    }

    @Test("with absurd counts and a right checksum is refused")
    func hostile() {
        let absurd: [UInt64] = [0x7FFF_FFFF, 0xFFFF_FFFF, 1 << 40, UInt64(Int64.max), .max, .max - 63]
        for value in absurd {
            for offset in [12, 16] {
                var bytes = header.encoded
                bytes.store(UInt32(truncatingIfNeeded: value), at: offset)
                #expect(throws: FormatFault.self) { try decode(resealed(bytes)) }
            }
            for offsets in [[32], [40], [48], [56], [32, 40], [48, 56], [32, 40, 48, 56]] {
                var bytes = header.encoded
                for offset in offsets { bytes.store(value, at: offset) }
                #expect(throws: FormatFault.self) { try decode(resealed(bytes)) }
            }
        }
    }

    @Test(
        "with kinds, codecs and row types of later versions is called that, not damage",
        arguments: [6, 7, 8, 9, 10, 20, 100])
    func unknown(offset: Int) {
        var bytes = header.encoded
        bytes[offset] = 9
        let error = #expect(throws: FormatFault.self) { try decode(resealed(bytes)) }
        if case .damaged(let what)? = error { Issue.record("called damage: \(what)") }
    }

    @Test("with a payload that its codec cannot unpack to so many bytes is refused")
    func codecs() throws {
        // 3 rows of 10 f16 values: a bitmap of 4 bytes, 60 bytes raw.
        let lengths: [(PayloadCodec, refused: [Int], taken: [Int])] = [
            (.raw, [59, 61], [60]), (.zeroMask, [3, 65], [4, 64]), (.maskTree, [5], [6]), (.zeroMaskLZ4, [], [4]),
        ]
        for (codec, refused, taken) in lengths {
            for (stored, isTaken) in refused.map({ ($0, false) }) + taken.map({ ($0, true) }) {
                var changed = header
                (changed.payloadCodec, changed.payload.stored) = (codec, stored)
                #expect((try? decode(changed.encoded)) == (isTaken ? changed : nil), "\(codec) in \(stored) bytes")
            }
        }
    }

    @Test("of seeded random bytes with a right checksum never does harm")
    func random() {
        var generator = SeededGenerator(seed: 11)
        for _ in 0..<2000 {
            var bytes = header.encoded
            for _ in 0..<1 + generator.index(below: 4) {
                bytes[4 + generator.index(below: 120)] = UInt8(generator.index(below: 256))
            }
            guard let decoded = try? decode(resealed(bytes)) else { continue }
            #expect(decoded.length <= 1 << 20)
        }
    }
}
