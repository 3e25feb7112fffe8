import Foundation
import Tensors

/// What an index says before it is replaced, as far as the contents of its pictures can still be read.
struct OldIndex {
    struct Feature: Hashable {
        let space: Fingerprint
        let content: Fingerprint
    }

    private(set) var listing = StoreListing()
    /// The spaces in the order in which they came.
    private(set) var spaces: [FeatureSpace] = []
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
                spaces.append(space)
                let chunks = try queries.chunks(space: id)
                runs.append((space.fingerprint, try queries.runs(in: id)))
                for chunk in chunks { pairs += (try? Self.contents(of: chunk, layout, space)) ?? [] }
                for entry in try queries.failures(space: id) {
                    listing.failures[space.fingerprint, default: [:]][ExactText(entry.path)] = entry
                }
            }
            try queries.forEachRowlessContent { pairs.append((UInt32(clamping: $0), $1)) }
            try take(queries, ContentKeys(pairs), runs)
            try takeLater(queries, layout)
        }
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
                path: path, label: try names.label(image.label), split: try names.split(image.split), content: content,
                size: image.size,
                modified: image.modified, root: try names.root(image.source))
            for (space, runs) in runs where runs.holds(image.content) {
                features.append((path, Feature(space: space, content: content)))
            }
        }
        pathsWithoutContent.sort()
    }

    /// Takes the listing changes of blocks that a killed writer finished and did not enter, or that are newer than an index
    /// from a backup.
    private mutating func takeLater(_ queries: IndexQueries, _ layout: StoreLayout) throws {
        let lastSequence = try queries.lastSequence()
        let known = Dictionary(try queries.segments().map { ($0.number, $0) }) { first, _ in first }
        var later: [(sequence: Int64, segment: Int, space: Fingerprint, changes: [ListingChange])] = []
        for number in try layout.segmentNumbers() {
            guard let file = try? SegmentFile(layout, number: number, .read), let header = try? file.header() else {
                continue
            }
            let (start, length) = (known[number]?.committedLength ?? SegmentHeader.byteCount, try file.length())
            let scan = try? SegmentScan(file, segment: header.uuid, from: start, length: length)
            for block in scan?.blocks ?? [] where block.kind == .chunk && block.sequence > lastSequence {
                let changes = try? file.body(of: block, upTo: block.length).changes()
                later.append((block.sequence, number, header.space, changes ?? []))
            }
        }
        for block in later.sorted(by: { ($0.sequence, $0.segment) < ($1.sequence, $1.segment) }) {
            for change in block.changes { listing.apply(change, in: block.space) }
        }
        pathsWithoutContent.removeAll { listing.pictures[ExactText($0)] != nil }
    }
}
