import Foundation
public import Tensors

/// Takes out of a store's segments the features that no listed picture has any more. A segment is written anew without them
/// where they are a large part of it; what is left over elsewhere stays until it is.
public struct GarbageCollection {
    /// A segment and how much of it is garbage.
    public struct Segment: Sendable, Hashable, Codable {
        /// The file's name, such as `000001.seg`.
        public let name: String
        /// The fingerprint of its space.
        public let space: Fingerprint
        /// Rows in it.
        public let rows: Int
        /// Rows of contents that no listed picture has, and rows that another chunk has too.
        public let deadRows: Int
        /// The file's length.
        public let bytes: Int
        /// Whether it is to be written anew.
        public let isCollected: Bool
    }

    /// What was done.
    public struct Report: Sendable, Hashable, Codable {
        /// The segments that were written anew or, where nothing was left of them, taken away.
        public internal(set) var segments: [Segment] = []
        /// Features that are gone.
        public internal(set) var rowsDropped = 0
        /// Bytes of the store's segments and its index before and after.
        public internal(set) var bytesBefore = 0, bytesAfter = 0
    }

    private let path: String
    private let threshold: Double
    private let layout: StoreLayout

    /// A collection in the store at `path` of the segments of which more than `threshold`, 0 to 1, is garbage.
    public init(path: String, threshold: Double = 0.3) {
        precondition((0...1).contains(threshold), "a threshold of \(threshold)")
        (self.path, self.threshold, layout) = (path, threshold, StoreLayout(path: path))
    }

    /// What a collection would do now; changes nothing. Throws as readers do.
    public func plan() throws -> [Segment] {
        try layout.requireStore()
        let index = try IndexDatabase.openForReading(layout)
        defer { try? index.close() }
        return try index.read(plan)
    }

    private func plan(_ queries: IndexQueries) throws -> [Segment] {
        let listed = try queries.listedContents()
        return try queries.spaces().flatMap { id, space in
            var (live, known): ([Int: Int], [Int: Int]) = ([:], [:])
            for chunk in try queries.chunks(space: id) {
                known[chunk.segment, default: 0] += chunk.length
                live[chunk.segment, default: 0] += chunk.runs.reduce(0) { sum, run in
                    sum + run.contents.count { listed.contains($0) }
                }
            }
            return try queries.segments().filter { $0.spaceID == id && !$0.isRetired }.map { segment in
                let rows = try rows(of: segment, knownBytes: known[segment.number, default: 0], queries)
                let dead = rows - live[segment.number, default: 0]
                return Segment(
                    name: StoreLayout.segmentName(segment.number), space: space.fingerprint, rows: rows,
                    deadRows: dead, bytes: segment.committedLength,
                    isCollected: dead > 0 && Double(dead) > threshold * Double(rows))
            }
        }
    }

    /// The rows of a segment, with those that the index has forgotten because a killed collection moved them elsewhere.
    private func rows(of segment: IndexQueries.Segment, knownBytes: Int, _ queries: IndexQueries) throws -> Int {
        let known = try queries.footer(ofSegment: segment.number).rows
        let unknownBytes = segment.committedLength - knownBytes
        guard segment.isSealed, Double(unknownBytes) > threshold * Double(segment.committedLength) else { return known }
        let file = try SegmentFile(layout, number: segment.number, .read)
        let scan = try SegmentScan(
            file, segment: segment.uuid, from: SegmentHeader.byteCount, length: segment.committedLength)
        return max(known, scan.blocks.reduce(0) { $0 + $1.rows })
    }

    /// Collects. May be stopped or killed at any moment: each step leaves a whole store, and the next collection goes on.
    /// `progress` is told how many of how many segments are done. Throws `InputError` where another writer is at work, and
    /// as writers do.
    public func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws -> Report {
        try layout.requireStore()
        // A collection that was killed may have left a segment that nothing points at.
        try Recovery.settle(layout)
        var report = Report()
        report.segments = try plan().filter(\.isCollected)
        report.rowsDropped = report.segments.reduce(0) { $0 + $1.deadRows }
        report.bytesBefore = try layout.byteCount()
        let spaces = try FeatureStore(path: path).spaces().map(\.space)
        var done = 0
        for space in spaces {
            let segments = report.segments.filter { $0.space == space.fingerprint }
            guard !segments.isEmpty else { continue }
            var writer = try FeatureStoreWriter(path: path, space: space, otherSpaces: .add)
            for segment in segments {
                progress(done, report.segments.count)
                guard let number = StoreLayout.segmentNumber(segment.name) else { continue }
                try writer.rewrite(segment: number)
                done += 1
            }
            try writer.finish()
        }
        progress(done, report.segments.count)
        report.bytesAfter = try layout.byteCount()
        return report
    }
}

extension IndexQueries {
    /// The contents that some listed picture has.
    func listedContents() throws -> Set<Int64> {
        var listed: Set<Int64> = []
        try forEachImage { listed.insert($0.content) }
        return listed
    }
}

extension FeatureStoreWriter {
    /// Writes what is still of use in a segment of this space to the open one, and takes the segment away.
    mutating func rewrite(segment number: Int) throws {
        if number == openSegment { try beginSegment() }
        let listing = try listing()
        let (chunks, listed) = try index.read { queries in
            let id = try queries.id(of: space)
            return (try queries.chunks(space: id).filter { $0.segment == number }, try queries.listedContents())
        }
        let file = try SegmentFile(layout, number: number, .read)
        let header = try file.header()
        let reader = try ChunkReader(layout, segment: number, uuid: header.uuid, space: space)
        for chunk in chunks {
            let kept = chunk.runs.flatMap { run in
                zip(run.contents, run.firstRow..<run.endRow).filter { listed.contains($0.0) }.map(\.1)
            }
            try move(try reader.body(of: chunk), rows: kept, from: chunk.chunk)
        }
        var mentioned: Set<ExactText> = []
        // Blocks that cannot be read have nothing to retain.
        _ = try file.forEachChange { mentioned.insert(ExactText($0.path)) }
        try retain(mentioned, of: listing)
        try retire(segment: number)
    }

    /// Moves rows of a chunk into a chunk of the open segment; the index forgets the others in the same transaction.
    private mutating func move(_ body: BlockBody, rows: [Int], from chunk: Int64) throws {
        let contents = try body.contents()
        guard !rows.isEmpty else { return try index.write { try $0.forget(chunk: chunk) } }
        let draft = ChunkDraft(
            changes: [], contents: rows.map { contents[$0] }, payload: try body.packedPayload(rows: rows))
        try write(draft) { try $0.forget(chunk: chunk) }
    }

    /// Says again what the listing says of `paths`, so that nothing is lost with the segment that said it before.
    mutating func retain(_ paths: Set<ExactText>, of listing: StoreListing) throws {
        let failing = listing.failures[space.fingerprint] ?? [:]
        let isFailing: (ExactText) -> Bool = { path in listing.failures.values.contains { $0[path] != nil } }
        var changes: [ListingChange] = []
        for path in paths {
            if let entry = listing.pictures[path] { changes.append(.picture(entry)) }
            if let entry = failing[path], entry.isCurrent(listing.pictures[path]) { changes.append(.failure(entry)) }
            if listing.pictures[path] == nil && !isFailing(path) { changes.append(.removal(path: path.text)) }
        }
        changes.sort { $0.path.utf8.lexicographicallyPrecedes($1.path.utf8) }
        for start in stride(from: 0, to: changes.count, by: 4096) {
            try write(ChunkDraft(changes: Array(changes[start..<min(start + 4096, changes.count)])))
        }
    }

    /// Takes a segment that nothing points at out of the index, then its file away.
    private mutating func retire(segment number: Int) throws {
        try index.write { try $0.retire(segment: number) }
        try Recovery.discardRetired(layout, index)
    }
}

extension FailureEntry {
    /// Whether the file at its path is still the one that failed. Said again after a picture of another size or time, a failure
    /// would take that out of the listing.
    fileprivate func isCurrent(_ picture: PictureEntry?) -> Bool {
        picture.map { ($0.size, $0.modified) == (size, modified) } ?? true
    }
}
