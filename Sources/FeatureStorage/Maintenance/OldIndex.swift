import Foundation
import Tensors

/// What an index says before it is replaced, as far as the contents of its pictures can still be read.
struct OldIndex {
    struct Feature: Hashable {
        let space: Fingerprint
        let content: Fingerprint
    }

    private(set) var listing = StoreListing()
    /// Rows that are whole in chunks that are not, by the fingerprint of their space.
    private(set) var salvaged: [Fingerprint: [ChunkDraft]] = [:]
    /// The features of listed pictures.
    private(set) var features: [(path: String, feature: Feature)] = []
    /// Pictures whose content only a damaged row table knew.
    private(set) var pathsWithoutContent: [String] = []

    /// Reads the index of a store. Throws `InputError` where a row of it is not as it was written; damaged segments are no
    /// error.
    init(_ layout: StoreLayout) throws {
        let index = try IndexDatabase.openForReading(layout)
        defer { try? index.close() }
        try index.read { queries in
            for table in IndexTable.counted { try queries.rows.forEach(table) { _ in } }
            var pairs: [(UInt32, Fingerprint)] = []
            var runs: [(space: Fingerprint, runs: [ContentRun])] = []
            for (id, space) in try queries.spaces() {
                let chunks = try queries.chunks(space: id)
                salvaged[space.fingerprint] = chunks.compactMap { Self.salvage($0, layout, space) }
                runs.append((space.fingerprint, try queries.runs(in: id)))
                for chunk in chunks { pairs += (try? Self.contents(of: chunk, layout, space)) ?? [] }
                for entry in try queries.failures(space: id) {
                    listing.failures[space.fingerprint, default: [:]][ExactText(entry.path)] = entry
                }
            }
            try queries.forEachRowlessContent { pairs.append((UInt32(clamping: $0), $1)) }
            try take(queries, ContentKeys(pairs), runs)
        }
    }

    /// The rows of a damaged chunk that count, as a chunk of their own; nil where the chunk is whole or the rows are damaged
    /// too.
    private static func salvage(_ chunk: ChunkLocation, _ layout: StoreLayout, _ space: FeatureSpace) -> ChunkDraft? {
        guard let reader = try? ChunkReader(layout, segment: chunk.segment, uuid: chunk.segmentUUID, space: space),
            (try? reader.verify(chunk)) == nil, let body = try? reader.body(of: chunk),
            let contents = try? reader.contents(of: chunk),
            let payload = try? body.packedPayload(rows: chunk.runs.flatMap { $0.firstRow..<$0.endRow })
        else { return nil }
        return ChunkDraft(changes: [], contents: contents, payload: payload)
    }

    private static func contents(
        of chunk: ChunkLocation, _ layout: StoreLayout, _ space: FeatureSpace
    ) throws -> [(UInt32, Fingerprint)] {
        let reader = try ChunkReader(layout, segment: chunk.segment, uuid: chunk.segmentUUID, space: space)
        return zip(chunk.runs.lazy.flatMap(\.contents), try reader.contents(of: chunk)).map { (UInt32($0), $1) }
    }

    private mutating func take(
        _ queries: IndexQueries, _ keys: ContentKeys, _ runs: [(space: Fingerprint, runs: [ContentRun])]
    ) throws {
        let names = try ListedNames(queries)
        try queries.forEachImage { image in
            let path = try names.path(image.folder, image.name)
            guard let content = keys[image.content] else { return pathsWithoutContent.append(path) }
            listing.pictures[ExactText(path)] = PictureEntry(
                path: path, label: try names.label(image.label), content: content, size: image.size,
                modified: image.modified, root: try names.root(image.source))
            for (space, runs) in runs where runs.holds(image.content) {
                features.append((path, Feature(space: space, content: content)))
            }
        }
        pathsWithoutContent.sort()
    }
}
