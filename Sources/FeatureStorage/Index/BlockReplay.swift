import Foundation
import GRDB
import Tensors

/// Enters blocks into the index. The writer's commit and the recovery after a crash use the same code, so that an index
/// rebuilt from the segments is the one that was lost.
struct BlockReplay {
    private let changes: IndexChanges
    private let queries: IndexQueries

    /// Enters blocks through `changes`, within its transaction.
    init(_ changes: IndexChanges) {
        self.changes = changes
        queries = IndexQueries(changes)
    }

    /// Enters a segment's description of its space; a later one takes the place of an earlier.
    func enter(_ space: FeatureSpace) throws {
        let known = try queries.spaces()
        let id = known.first { $0.space.fingerprint == space.fingerprint }?.id ?? Int64(known.count + 1)
        let description = String(decoding: try CanonicalJSON.encode(space), as: UTF8.self)
        try changes.replace(
            .spaces,
            [
                .integer(id), .text(space.fingerprint.hex), .text(space.name), .integer(space.dimension),
                .text(space.rowType.rawValue), .text(description),
            ])
    }

    /// Enters a segment that the index does not have; where nothing has described its space yet, `description` does.
    func enter(segment number: Int, _ header: SegmentHeader, describedBy description: FeatureSpace? = nil) throws {
        var space = try queries.spaces().first { $0.space.fingerprint == header.space }
        if space == nil, let description {
            try enter(description)
            space = try queries.spaces().first { $0.space.fingerprint == header.space }
        }
        guard let space else {
            throw InputError(StoreLayout.segmentName(number), "is of a space that no whole block describes")
        }
        let uuid = Hexadecimal.string(of: header.uuid)
        try changes.insert(.segments, [.integer(number), .text(uuid), .integer(space.id), 0, 0])
    }

    /// Enters a chunk: its features, its contents, the listing changes.
    func enter(
        _ header: BlockHeader, segment: Int, contents: [Fingerprint], changes listing: [ListingChange],
        _ numbers: inout IndexNumbers
    ) throws {
        guard let space = try queries.segment(segment)?.spaceID else {
            throw InputError(StoreLayout.segmentName(segment), "is not in the index")
        }
        let chunk = numbers.newChunk()
        let live = try enterFeatures(contents, chunk: chunk, space: space, &numbers)
        try changes.insert(
            .chunks,
            [
                .integer(chunk), .integer(segment), .integer(header.offset), .integer(header.length),
                .integer(header.sequence), .integer(header.rows), .integer(live), .integer(header.payload.stored),
                .integer(Int64(header.checksum)),
            ])
        for change in listing { try apply(change, space: space, &numbers) }
    }

    /// Accounts for the file up to the end of `block`.
    func advance(segment number: Int, past block: BlockHeader) throws {
        guard let segment = try queries.segment(number) else { return }
        try changes.replace(
            .segments,
            [
                .integer(number), .text(Hexadecimal.string(of: segment.uuid)), .integer(segment.spaceID),
                .integer(max(segment.committedLength, block.end)),
                .integer(segment.isSealed || block.kind == .footer ? 1 : 0),
            ])
        let sequence = max(try queries.lastSequence(), block.sequence)
        try changes.replace(.meta, ["last_sequence", .text(String(sequence))])
    }

    /// Empties everything that the segments can bring back.
    func reset() throws {
        for table in IndexTable.replayed { try changes.empty(table) }
        try changes.replace(.meta, ["last_sequence", "0"])
    }

    /// Takes out the hashes of contents without a row that the listing does not name any more.
    func dropForgottenContents() throws {
        var named: Set<Int64> = []
        try queries.rows.forEach(.images) { named.insert($0[4]) }
        var forgotten: [Int64] = []
        try queries.rows.forEach(.contents) { if !named.contains($0[0]) { forgotten.append($0[0]) } }
        for number in forgotten { try changes.delete(.contents, key: [.integer(number)]) }
    }

    /// Returns how many rows count: those whose content had no feature in the space before.
    private func enterFeatures(
        _ contents: [Fingerprint], chunk: Int64, space: Int64, _ numbers: inout IndexNumbers
    ) throws -> Int {
        var runs: [ContentRun] = []
        for (row, key) in contents.enumerated() {
            let content = try numbers.content(key, hasRow: true, changes)
            if try runs.contains(where: { $0.contains(content) }) || queries.hasFeature(content, space: space) {
                continue
            }
            if let last = runs.last, last.firstContent + Int64(last.count) == content, last.endRow == row {
                runs[runs.count - 1].count += 1
            } else {
                runs.append(ContentRun(firstContent: content, count: 1, firstRow: row))
            }
        }
        for run in runs {
            try changes.insert(
                .features,
                [
                    .integer(space), .integer(run.firstContent), .integer(run.count), .integer(chunk),
                    .integer(run.firstRow),
                ])
        }
        return runs.reduce(0) { $0 + $1.count }
    }

    private func apply(_ change: ListingChange, space: Int64, _ numbers: inout IndexNumbers) throws {
        switch change {
        case .picture(let entry):
            let place = try numbers.place(of: entry.path, changes)
            let content = try numbers.content(entry.content, hasRow: false, changes)
            let label = try entry.label.map { IndexValue.integer(try numbers.label($0, changes)) }
            let split = try entry.split.map { IndexValue.integer(try numbers.split($0, changes)) }
            try changes.replace(
                .images,
                [
                    .integer(place.folder), .text(place.name), .integer(try numbers.source(entry.root, changes)),
                    label ?? .null, .integer(content), .integer(entry.size), .integer(entry.modified),
                    split ?? .null,
                ])
            try changes.delete(.failures, key: [.integer(space), .integer(place.folder), .text(place.name)])
        case .removal(let path):
            let place = numbers.place(of: path)
            guard let folder = place.folder else { return }
            try changes.delete(.images, key: [.integer(folder), .text(place.name)])
            for known in try queries.spaces() {
                try changes.delete(.failures, key: [.integer(known.id), .integer(folder), .text(place.name)])
            }
        case .failure(let entry):
            let place = try numbers.place(of: entry.path, changes)
            let key: [IndexValue] = [.integer(place.folder), .text(place.name)]
            let facts: [IndexValue] = [
                .integer(try numbers.source(entry.root, changes)), .text(entry.reason), .integer(entry.size),
                .integer(entry.modified),
            ]
            try changes.replace(.failures, [.integer(space)] + key + facts)
            // A file of another size or time is no more what the listing knew at this path.
            guard let picture = try queries.rows.row(.images, key: key) else { return }
            if (picture[5], picture[6]) != (entry.size, entry.modified) { try changes.delete(.images, key: key) }
        }
    }
}
