import Foundation
import Tensors

/// The first 128 bytes of a segment.
struct SegmentHeader: Hashable, Sendable {
    static let byteCount = 128
    static let version: UInt16 = 1
    /// As PNG's: a first byte that is not ASCII, both kinds of line end and an end-of-file mark, so that a transfer as
    /// text shows at once.
    static let magic: [UInt8] = [0xFC, 0x53, 0x45, 0x47, 0x0D, 0x0A, 0x1A, 0x0A]

    let space: Fingerprint
    let uuid: [UInt8]

    init(space: Fingerprint, uuid: [UInt8]) {
        precondition(uuid.count == 16, "a UUID of \(uuid.count) bytes")
        self.space = space
        self.uuid = uuid
    }

    /// A header with a fresh random UUID.
    init(newSegmentOf space: Fingerprint) {
        self.init(space: space, uuid: withUnsafeBytes(of: UUID().uuid) { Array($0) })
    }

    var encoded: [UInt8] {
        var bytes = Self.magic + [UInt8](repeating: 0, count: Self.byteCount - Self.magic.count)
        bytes.store(Self.version, at: 8)
        bytes.store(UInt16(Self.byteCount), at: 10)
        bytes.replaceSubrange(16..<48, with: space.bytes)
        bytes.replaceSubrange(48..<64, with: uuid)
        bytes.store(Checksum.crc32c(Array(bytes[..<124])), at: 124)
        return bytes
    }

    init(decoding bytes: [UInt8]) throws(FormatFault) {
        guard bytes.count >= Self.byteCount else { throw .damaged("it is shorter than a segment's header") }
        guard bytes.starts(with: Self.magic) else { throw .damaged("it does not begin as a segment does") }
        // Of every version, so that a damaged header is not taken for a later one.
        guard Checksum.crc32c(Array(bytes[..<124])) == bytes.littleEndian(UInt32.self, at: 124) else {
            throw .damaged("the checksum of the segment's header differs")
        }
        let version: UInt16 = bytes.littleEndian(at: 8)
        guard version <= Self.version else { throw .unknown("has format version \(version)") }
        guard version == Self.version, bytes.littleEndian(UInt16.self, at: 10) == Self.byteCount,
            bytes.littleEndian(UInt32.self, at: 12) == 0, let space = Fingerprint(bytes: bytes[16..<48])
        else { throw .unknown("has a header of another layout") }
        self.init(space: space, uuid: Array(bytes[48..<64]))
    }
}
