import Foundation
import Tensors

/// Appends blocks to the open segment of a space.
struct SegmentWriter {
    let file: SegmentFile
    let header: SegmentHeader
    /// Where the next block goes.
    private(set) var length: Int

    /// Goes on at the end of a segment.
    init(_ file: SegmentFile, header: SegmentHeader, length: Int) {
        (self.file, self.header, self.length) = (file, header, length)
    }

    /// Begins a new segment: its header and the description of its space are on the disk when this returns. Returns the
    /// block of the description too.
    static func begin(
        _ layout: StoreLayout, number: Int, space: FeatureSpace, sequence: Int64
    ) throws -> (SegmentWriter, BlockHeader) {
        let header = SegmentHeader(newSegmentOf: space.fingerprint)
        let file = try SegmentFile(layout, number: number, .create)
        try file.write(header.encoded, at: 0)
        var writer = SegmentWriter(file, header: header, length: SegmentHeader.byteCount)
        let block = try writer.append(.space, sequence: sequence, metadata: BlockMetadata(space: space))
        try AtomicFile.synchronizeFolder(layout.segmentsFolder)
        return (writer, block)
    }

    /// Writes a block and returns once it is on the disk.
    mutating func append(
        _ kind: BlockHeader.Kind, sequence: Int64, of space: FeatureSpace? = nil, contents: [Fingerprint] = [],
        payload: PackedPayload = .none, metadata: BlockMetadata
    ) throws -> BlockHeader {
        let block = EncodedBlock(
            BlockHeader(
                kind: kind, rowType: space?.rowType, dimension: space?.dimension ?? 0, sequence: sequence,
                segment: header.uuid, offset: length),
            contents: contents, payload: payload, metadata: try metadata.encoded())
        try file.write(block.bytes, at: length)
        try file.synchronize()
        length += block.bytes.count
        return block.header
    }
}
