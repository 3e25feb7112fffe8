import Tensors

/// A chunk with features as the index knows it.
struct ChunkLocation: Hashable, Sendable {
    let chunk: Int64
    let segment: Int
    let segmentUUID: [UInt8]
    let offset: Int
    let length: Int
    let sequence: Int64
    let rows: Int
    let headerChecksum: UInt32
    /// The rows that count, where not all do: a content that another chunk has too is read once.
    let liveRows: [Int]?

    var liveCount: Int { liveRows?.count ?? rows }
}

/// Reads chunks of one segment and checks them against their checksums and against the index.
struct ChunkReader: Sendable {
    let file: SegmentFile
    let space: FeatureSpace
    private let header: SegmentHeader
    private let length: Int

    /// Opens a segment of `space`. Throws `InputError` where it is another one than the index says.
    init(_ layout: StoreLayout, segment: Int, uuid: [UInt8], space: FeatureSpace) throws {
        file = try SegmentFile(layout, number: segment, .read)
        header = try file.header()
        guard header.uuid == uuid, header.space == space.fingerprint else {
            throw InputError(
                file.path, "is another segment than the index knows under this name",
                remedy: "Take the store from a backup.")
        }
        self.space = space
        length = try file.length()
    }

    /// Reads a chunk, gives its features to `target`, shape `[liveCount, dimension]`, and returns their contents.
    func read(_ chunk: ChunkLocation, into target: UnsafeMutableBufferPointer<Float>) throws -> [Fingerprint] {
        do {
            let body = try body(of: chunk)
            let contents = try body.contents()
            guard let live = chunk.liveRows else {
                try body.decodeFeatures(into: target)
                return contents
            }
            let all = try Self.matrix(body)
            for (position, row) in live.enumerated() {
                _ = target.extracting(position * space.dimension..<(position + 1) * space.dimension)
                    .update(fromContentsOf: all.row(row))
            }
            return live.map { contents[$0] }
        } catch let fault as FormatFault {
            throw fault.error("\(file.path): chunk \(chunk.chunk) at byte \(chunk.offset)")
        }
    }

    private func body(of chunk: ChunkLocation) throws -> BlockBody {
        guard chunk.offset >= 0, chunk.length >= BlockHeader.byteCount, chunk.offset <= length - chunk.length else {
            throw FormatFault.damaged("the file ends inside it")
        }
        let bytes = try file.read(at: chunk.offset, count: chunk.length)
        let header = try BlockHeader(
            decoding: bytes, segment: header.uuid, offset: chunk.offset, available: bytes.count)
        guard header.checksum == chunk.headerChecksum, header.rows == chunk.rows, header.sequence == chunk.sequence,
            header.length == chunk.length, header.dimension == space.dimension, header.rowType == space.rowType
        else { throw FormatFault.damaged("it is not the chunk that the index describes") }
        return BlockBody(header: header, bytes: bytes)
    }

    private static func matrix(_ body: BlockBody) throws -> Matrix {
        try Matrix(rows: body.header.rows, columns: body.header.dimension) { try body.decodeFeatures(into: $0) }
    }
}
