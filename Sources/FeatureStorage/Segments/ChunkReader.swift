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
    /// The rows that count, in their order: a content that another chunk has too is read once.
    let runs: [ContentRun]

    var liveCount: Int { runs.reduce(0) { $0 + $1.count } }
    /// The rows that count, where not all do.
    var liveRows: [Int]? { liveCount == rows ? nil : runs.flatMap { $0.firstRow..<$0.endRow } }
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
        try naming(chunk) {
            let body = try body(of: chunk, upTo: chunk.length)
            guard let live = chunk.liveRows else {
                try body.decodeFeatures(into: target)
                return try body.contents()
            }
            let all = try Self.matrix(body)
            for (position, row) in live.enumerated() {
                _ = target.extracting(position * space.dimension..<(position + 1) * space.dimension)
                    .update(fromContentsOf: all.row(row))
            }
            return try Self.live(chunk, body)
        }
    }

    /// The whole block.
    func body(of chunk: ChunkLocation) throws -> BlockBody {
        try naming(chunk) { try body(of: chunk, upTo: chunk.length) }
    }

    /// Reads the whole chunk, checks every section and decodes the features. Throws where anything is not as it was written.
    func verify(_ chunk: ChunkLocation) throws {
        try naming(chunk) {
            let body = try body(of: chunk, upTo: chunk.length)
            try body.verify()
            if body.header.rows > 0 { _ = try Self.matrix(body) }
            _ = try body.changes()
        }
    }

    /// The contents of the rows that count.
    func contents(of chunk: ChunkLocation) throws -> [Fingerprint] {
        try naming(chunk) {
            let end = BlockHeader.byteCount + chunk.rows * Fingerprint.byteCount
            return try Self.live(chunk, try body(of: chunk, upTo: end))
        }
    }

    private static func live(_ chunk: ChunkLocation, _ body: BlockBody) throws -> [Fingerprint] {
        let contents = try body.contents()
        return chunk.liveRows.map { $0.map { contents[$0] } } ?? contents
    }

    private func naming<Result>(_ chunk: ChunkLocation, _ read: () throws -> Result) throws -> Result {
        do { return try read() } catch let fault as FormatFault {
            throw fault.error("\(file.path): chunk \(chunk.chunk) at byte \(chunk.offset)")
        }
    }

    private func body(of chunk: ChunkLocation, upTo end: Int) throws -> BlockBody {
        guard chunk.offset >= 0, chunk.length >= end, end >= BlockHeader.byteCount,
            chunk.offset <= length - chunk.length
        else { throw FormatFault.damaged("the file ends inside it") }
        let bytes = try file.read(at: chunk.offset, count: end)
        guard bytes.count == end else { throw FormatFault.damaged("the file ends inside it") }
        let header = try BlockHeader(
            decoding: bytes, segment: header.uuid, offset: chunk.offset, available: chunk.length)
        guard header.checksum == chunk.headerChecksum, header.rows == chunk.rows, header.sequence == chunk.sequence,
            header.length == chunk.length,
            header.rows == 0 || (header.dimension == space.dimension && header.rowType == space.rowType)
        else { throw FormatFault.damaged("it is not the chunk that the index describes") }
        return BlockBody(header: header, bytes: bytes)
    }

    private static func matrix(_ body: BlockBody) throws -> Matrix {
        try Matrix(rows: body.header.rows, columns: body.header.dimension) { try body.decodeFeatures(into: $0) }
    }
}
