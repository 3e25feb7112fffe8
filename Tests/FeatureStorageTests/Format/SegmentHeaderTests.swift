import Tensors
import Testing

@testable import FeatureStorage

@Suite("A segment's header") struct SegmentHeaderTests {
    private let header = SegmentHeader(space: Sample.content(1), uuid: [UInt8](0..<16))

    @Test("is 128 bytes that begin with the magic and give the header back")
    func roundTrip() throws {
        let bytes = header.encoded
        #expect(bytes.count == 128)
        #expect(bytes.starts(with: [0xFC, 0x53, 0x45, 0x47, 0x0D, 0x0A, 0x1A, 0x0A, 1, 0, 128, 0]))
        #expect(try SegmentHeader(decoding: bytes) == header)
    }

    @Test("is refused with any bit flipped and at any shorter length")
    func damage() {
        let bytes = header.encoded
        for length in 0..<128 {
            #expect(throws: FormatFault.self) { try SegmentHeader(decoding: Array(bytes[..<length])) }
        }
        for bit in 0..<1024 {
            var flipped = bytes
            flipped[bit / 8] ^= 1 << (bit % 8)
            #expect(throws: FormatFault.self) { try SegmentHeader(decoding: flipped) }
        }
    }

    @Test("of a later version is called that, not damage")
    func version() {
        var bytes = header.encoded
        bytes[8] = 2
        #expect(throws: FormatFault.damaged("the checksum of the segment's header differs")) {
            try SegmentHeader(decoding: bytes)
        }
        bytes.store(Checksum.crc32c(Array(bytes[..<124])), at: 124)
        #expect(throws: FormatFault.unknown("has format version 2")) { try SegmentHeader(decoding: bytes) }
    }
}
