import Foundation
import Tensors

/// A store that is merged into another. Nobody may write to it meanwhile.
struct MergeSource {
    let layout: StoreLayout
    let spaces: [(id: Int64, space: FeatureSpace)]
    let segments: [IndexQueries.Segment]
    /// The highest number of a block.
    let lastSequence: Int64
    /// The chunks of each space by its fingerprint, in storage order.
    let chunks: [Fingerprint: [ChunkLocation]]

    init(_ layout: StoreLayout) throws {
        try layout.requireStore()
        self.layout = layout
        (spaces, segments, lastSequence, chunks) = try Self.query(layout) { queries in
            let spaces = try queries.spaces()
            var chunks: [Fingerprint: [ChunkLocation]] = [:]
            for (id, space) in spaces { chunks[space.fingerprint] = try queries.chunks(space: id) }
            return (spaces, try queries.segments().filter { !$0.isRetired }, try queries.lastSequence(), chunks)
        }
    }

    /// What the store lists. It is read at every call, as it takes hundreds of bytes a picture.
    func listing() throws -> StoreListing {
        try Self.query(layout) { queries in
            let keys = try queries.contentTable(layout, space: Fingerprint(of: Data())).keys()
            return try StoreListing(queries, keys)
        }
    }

    private static func query<Answer>(_ layout: StoreLayout, _ body: (IndexQueries) throws -> Answer) throws -> Answer {
        let index = try IndexDatabase.openForReading(layout)
        defer { try? index.close() }
        return try index.read(body)
    }

    var featureCount: Int { chunks.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.liveCount } } }

    func sealedSegments(of space: FeatureSpace) -> [IndexQueries.Segment] {
        guard let id = spaces.first(where: { $0.space.fingerprint == space.fingerprint })?.id else { return [] }
        return segments.filter { $0.spaceID == id && $0.isSealed }
    }

    /// The contents of the rows that count in a segment.
    func contents(of segment: IndexQueries.Segment, _ space: FeatureSpace) throws -> [Fingerprint] {
        let reader = try ChunkReader(layout, segment: segment.number, uuid: segment.uuid, space: space)
        return try (chunks[space.fingerprint] ?? []).filter { $0.segment == segment.number }
            .flatMap { try reader.contents(of: $0) }
    }

    /// Adds what a segment says to `history`. Throws `InputError` where it is damaged: it would be in both stores.
    func add(_ segment: IndexQueries.Segment, to history: inout ListingHistory) throws {
        let file = try SegmentFile(layout, number: segment.number, .read)
        guard try history.add(file) else {
            throw InputError(
                file.path, "is damaged", remedy: "Run `finetuner-cache verify` and `repair` on \(layout.path) first.")
        }
    }

    /// Calls `body` with the chunks of a space that are in segments still open, and with what reads them.
    func forEachOpenChunk(
        of space: FeatureSpace, _ body: (_ reader: ChunkReader, _ chunk: ChunkLocation) throws -> Void
    ) throws {
        let sealed = Set(sealedSegments(of: space).map(\.number))
        var readers: [Int: ChunkReader] = [:]
        for chunk in chunks[space.fingerprint] ?? [] where !sealed.contains(chunk.segment) {
            let reader =
                try readers[chunk.segment]
                ?? ChunkReader(layout, segment: chunk.segment, uuid: chunk.segmentUUID, space: space)
            readers[chunk.segment] = reader
            try body(reader, chunk)
        }
    }
}
