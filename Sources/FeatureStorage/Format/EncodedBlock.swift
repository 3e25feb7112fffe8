import Foundation
import Tensors

/// A block as it goes to the file.
struct EncodedBlock {
    let header: BlockHeader
    let bytes: [UInt8]

    /// Lays out a block. `header` brings the kind, the place and the shape; lengths, codecs and checksums are filled in
    /// here. The metadata is packed where that makes it smaller.
    init(
        _ header: BlockHeader, contents: [Fingerprint] = [], payload: PackedPayload = .none, metadata: Data
    ) {
        var header = header
        header.rows = contents.count
        let rowTable = contents.flatMap(\.bytes)
        header.rowTableChecksum = Checksum.crc32c(rowTable)
        header.payloadCodec = payload.codec
        header.payload = BlockHeader.Section(payload.bytes, rawCount: payload.rawCount)
        let packed = metadata.withUnsafeBytes { LZ4.pack($0) }
        let stored = packed ?? [UInt8](metadata)
        header.metadataCodec = packed == nil ? .raw : .lz4
        header.metadata = BlockHeader.Section(stored, rawCount: metadata.count)
        var bytes = header.encoded
        bytes.reserveCapacity(header.length)
        for section in [rowTable, payload.bytes, stored] {
            bytes += section
            bytes += [UInt8](repeating: 0, count: bytes.count.aligned - bytes.count)
        }
        self.header = header
        self.bytes = bytes
    }
}

extension BlockHeader.Section {
    fileprivate init(_ stored: [UInt8], rawCount: Int) {
        self.init(stored: stored.count, raw: rawCount, checksum: Checksum.crc32c(stored))
    }
}
