import Foundation
import Tensors

/// A block as it goes to the file.
struct EncodedBlock {
    let header: BlockHeader
    let bytes: [UInt8]

    /// Lays out a block. `header` brings the kind, the place and the shape; lengths, codecs and checksums are filled in
    /// here. Each section is packed where that makes it smaller.
    init(_ header: BlockHeader, contents: [Fingerprint] = [], payload: [UInt8] = [], metadata: Data) {
        var header = header
        header.rows = contents.count
        let rowTable = contents.flatMap(\.bytes)
        header.rowTableChecksum = Checksum.crc32c(rowTable)
        let packedPayload = Self.pack(payload, &header.payload)
        let packedMetadata = Self.pack([UInt8](metadata), &header.metadata)
        var bytes = header.encoded
        bytes.reserveCapacity(header.length)
        for section in [rowTable, packedPayload, packedMetadata] {
            bytes += section
            bytes += [UInt8](repeating: 0, count: bytes.count.aligned - bytes.count)
        }
        self.header = header
        self.bytes = bytes
    }

    private static func pack(_ raw: [UInt8], _ section: inout BlockHeader.Section) -> [UInt8] {
        let packed = raw.withUnsafeBytes { LZ4.pack($0) }
        let stored = packed ?? raw
        section = BlockHeader.Section(
            codec: packed == nil ? .raw : .lz4, stored: stored.count, raw: raw.count,
            checksum: Checksum.crc32c(stored))
        return stored
    }
}
