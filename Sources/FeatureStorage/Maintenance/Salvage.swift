import Tensors

/// Saves rows that are whole in chunks that are not, behind what is whole. A chunk's header says where its rows are and what
/// their checksums are, so that no index is needed; what such a chunk said of the listing is lost with its metadata.
///
/// Killed at any moment, it leaves everything that was there, and segments as any writer leaves them; the next one saves what is
/// not saved yet.
struct Salvage {
    private let layout: StoreLayout
    private var segments: [(file: SegmentFile, space: Fingerprint, scan: SegmentScan)] = []
    /// The latest description of each space.
    private var spaces: [Fingerprint: FeatureSpace]
    private var nextSequence: Int64 = 1

    /// Looks through all segments, whose headers must be whole. Spaces that no whole block describes are looked up in `described`.
    init(_ layout: StoreLayout, describedBy described: [FeatureSpace]) throws {
        self.layout = layout
        spaces = Dictionary(described.map { ($0.fingerprint, $0) }) { first, _ in first }
        var latest: [Fingerprint: Int64] = [:]
        for number in try layout.segmentNumbers() {
            let file = try SegmentFile(layout, number: number, .read)
            // What was never begun has no rows; a recovery takes it away.
            guard let header = try? file.header() else { continue }
            let scan = try SegmentScan(
                file, segment: header.uuid, from: SegmentHeader.byteCount, length: try file.length())
            segments.append((file, header.space, scan))
            for block in scan.blocks + scan.chunksWithWholeRows { nextSequence = max(nextSequence, block.sequence + 1) }
            for block in scan.blocks where block.kind == .space && block.sequence > latest[header.space] ?? 0 {
                spaces[header.space] = try file.body(of: block, upTo: block.length).metadata().space
                latest[header.space] = block.sequence
            }
        }
    }

    /// Saves. Returns how many rows that were nowhere else.
    @discardableResult
    mutating func run() throws -> Int {
        var saved = 0
        for (fingerprint, space) in spaces.sorted(by: { $0.key.hex < $1.key.hex }) {
            let own = segments.filter { $0.space == fingerprint && !$0.scan.chunksWithWholeRows.isEmpty }
            guard !own.isEmpty else { continue }
            var stored = try wholeContents(of: fingerprint)
            var writer: SegmentWriter?
            for (file, _, scan) in own {
                for chunk in scan.chunksWithWholeRows where chunk.isOf(space) {
                    guard let draft = try Self.draft(file, chunk, besides: &stored) else { continue }
                    var open = try writer ?? openSegment(of: space)
                    try append(draft, of: space, to: &open)
                    writer = open
                    saved += draft.contents.count
                }
            }
        }
        return saved
    }

    private func wholeContents(of space: Fingerprint) throws -> Set<Fingerprint> {
        var contents: Set<Fingerprint> = []
        for (file, own, scan) in segments where own == space {
            for block in scan.blocks where block.rows > 0 {
                contents.formUnion(try file.body(of: block, upTo: block.payloadOffset).contents())
            }
        }
        return contents
    }

    /// The rows of a chunk whose contents are not `stored`, which they are then.
    private static func draft(
        _ file: SegmentFile, _ chunk: BlockHeader, besides stored: inout Set<Fingerprint>
    ) throws -> ChunkDraft? {
        let body = try file.body(of: chunk, upTo: chunk.length)
        let contents = try body.contents()
        let rows = contents.indices.filter { stored.insert(contents[$0]).inserted }
        guard !rows.isEmpty else { return nil }
        return ChunkDraft(
            changes: [], contents: rows.map { contents[$0] }, payload: try body.packedPayload(rows: rows))
    }

    /// The last segment of `space` where it is whole and open, or where a stopped repair got no farther than a part of its
    /// first chunk; else a new one.
    private mutating func openSegment(of space: FeatureSpace) throws -> SegmentWriter {
        guard let last = segments.last(where: { $0.space == space.fingerprint }), let block = last.scan.blocks.last,
            block.kind != .footer, last.scan.damagedRanges.isEmpty, last.scan.chunksWithWholeRows.isEmpty
        else { return try begin(space) }
        let length = try last.file.length()
        guard last.scan.end == length || last.scan.blocks.allSatisfy({ $0.kind == .space }) else {
            return try begin(space)
        }
        let file = try SegmentFile(layout, number: last.file.number, .write).unshared(layout)
        if last.scan.end < length { try file.truncate(to: last.scan.end) }
        return SegmentWriter(file, header: try file.header(), length: last.scan.end)
    }

    private mutating func begin(_ space: FeatureSpace) throws -> SegmentWriter {
        let number = (try layout.segmentNumbers().last ?? 0) + 1
        let (writer, _) = try SegmentWriter.begin(layout, number: number, space: space, sequence: nextSequence)
        nextSequence += 1
        return writer
    }

    private mutating func append(_ draft: ChunkDraft, of space: FeatureSpace, to writer: inout SegmentWriter) throws {
        _ = try writer.append(
            .chunk, sequence: nextSequence, of: space, contents: draft.contents, payload: draft.payload,
            metadata: draft.metadata)
        nextSequence += 1
    }
}

extension BlockHeader {
    fileprivate func isOf(_ space: FeatureSpace) -> Bool { rowType == space.rowType && dimension == space.dimension }
}
