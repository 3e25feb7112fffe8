import Foundation
import GRDB
import Tensors

/// What readers and the writer ask the index, each within a transaction of the caller's. Every row is checked.
struct IndexQueries {
    /// The rows themselves.
    let rows: CheckedRows

    init(_ database: Database) { rows = CheckedRows(database: database) }

    /// What a transaction sees of its own changes.
    init(_ changes: IndexChanges) { rows = CheckedRows(database: changes.database, pending: changes) }

    /// A segment as the index knows it.
    struct Segment {
        let number: Int
        let uuid: [UInt8]
        let spaceID: Int64
        let committedLength: Int
        let isSealed: Bool
        /// Whether all that was of use in it is elsewhere and the file is to be taken away.
        let isRetired: Bool
    }

    func storeUUID() throws -> String { try meta("store_uuid") }

    func lastSequence() throws -> Int64 {
        guard let sequence = Int64(try meta("last_sequence")) else { throw Self.damaged("the last sequence number") }
        return sequence
    }

    private func meta(_ key: String) throws -> String {
        guard let row = try rows.row(.meta, key: [.text(key)]) else { throw Self.damaged("meta, which lacks \(key),") }
        return row[1]
    }

    /// The spaces with their numbers in the index, in the order in which they came.
    func spaces() throws -> [(id: Int64, space: FeatureSpace)] {
        var spaces: [(id: Int64, space: FeatureSpace)] = []
        try rows.forEach(.spaces) { row in
            let description = Data((row[5] as String).utf8)
            guard let space = try? JSONDecoder().decode(FeatureSpace.self, from: description),
                space.fingerprint.hex == row[1]
            else { throw Self.damaged("the description of space \(row[0] as Int64)") }
            spaces.append((row[0], space))
        }
        return spaces
    }

    /// The number of `space` in the index. Throws `InputError` where the store has no such space.
    func id(of space: FeatureSpace) throws -> Int64 {
        guard let known = try spaces().first(where: { $0.space.fingerprint == space.fingerprint }) else {
            throw InputError("feature space \(space.fingerprint.short) (\(space.name))", "is not in this store")
        }
        return known.id
    }

    func segments() throws -> [Segment] {
        var segments: [Segment] = []
        try rows.forEach(.segments) { segments.append(try Self.segment($0)) }
        return segments
    }

    func segment(_ number: Int) throws -> Segment? {
        try rows.row(.segments, key: [.integer(number)]).map(Self.segment)
    }

    private static func segment(_ row: Row) throws -> Segment {
        guard let uuid = Hexadecimal.bytes(row[1]), uuid.count == 16 else {
            throw damaged("the row of segment \(row[0] as Int)")
        }
        return Segment(
            number: row[0], uuid: uuid, spaceID: row[2], committedLength: row[3], isSealed: row[4] != 0,
            isRetired: row[4] == 2)
    }

    /// The chunks of a space in storage order: those that have features, and with `withoutRows` the others too.
    func chunks(space: Int64, withoutRows: Bool = false) throws -> [ChunkLocation] {
        let runs = try runs(space: space)
        let segments = Dictionary(try segments().map { ($0.number, $0) }) { first, _ in first }
        var chunks: [ChunkLocation] = []
        try rows.forEach(.chunks) { row in
            guard let segment = segments[row[1]] else { throw Self.damaged("the row of chunk \(row[0] as Int64)") }
            guard segment.spaceID == space, let runs = runs[row[0]] ?? (withoutRows ? [] : nil) else { return }
            guard let chunk = ChunkLocation(row, uuid: segment.uuid, runs) else {
                throw Self.damaged("the row of chunk \(row[0] as Int64)")
            }
            chunks.append(chunk)
        }
        return chunks.sorted { ($0.sequence, $0.chunk) < ($1.sequence, $1.chunk) }
    }

    /// The runs of rows that count, by chunk.
    private func runs(space: Int64) throws -> [Int64: [ContentRun]] {
        var runs: [Int64: [ContentRun]] = [:]
        try rows.forEach(.features) { row in
            guard row[0] == space else { return }
            runs[row[3], default: []].append(try Self.run(row))
        }
        return runs
    }

    /// The rows of a space that count, in the order of their contents.
    func runs(in space: Int64) throws -> [ContentRun] {
        var runs: [ContentRun] = []
        try rows.forEach(.features) { if $0[0] == space { runs.append(try Self.run($0)) } }
        return runs
    }

    private static func run(_ row: Row) throws -> ContentRun {
        let (content, count, first): (Int64, Int, Int) = (row[1], row[2], row[4])
        guard (1...Int64(UInt32.max)).contains(content), (1...BlockHeader.largestRowCount).contains(count),
            (0..<BlockHeader.largestRowCount).contains(first)
        else { throw damaged("a row of the table features") }
        return ContentRun(firstContent: content, count: count, firstRow: first)
    }

    /// Whether a content has a feature in a space.
    func hasFeature(_ content: Int64, space: Int64) throws -> Bool {
        var found = false
        let condition = "WHERE space_id = ? AND first_content <= ? ORDER BY first_content DESC LIMIT 1"
        try rows.forEach(.features, condition: condition, [.integer(space), .integer(content)]) { row in
            found = try Self.run(row).contains(content)
        }
        return found
    }

    static func damaged(_ what: String) -> InputError {
        InputError(
            "index.sqlite", "is damaged: \(what) is not as it was written",
            remedy: "Run `finetuner-cache repair`: it rebuilds the index from the segments.")
    }
}

extension ChunkLocation {
    /// A chunk from its row of the index; nil where the row makes no sense.
    fileprivate init?(_ row: Row, uuid: [UInt8], _ runs: [ContentRun]) {
        let (length, count): (Int, Int) = (row[3], row[5])
        let runs = runs.sorted { $0.firstRow < $1.firstRow }
        let isOrdered = zip(runs, runs.dropFirst()).allSatisfy { $0.endRow <= $1.firstRow }
        guard let checksum = UInt32(exactly: row[8] as Int64), count <= BlockHeader.largestRowCount,
            // A row takes 32 bytes of the block for its content.
            count <= length / Fingerprint.byteCount, isOrdered,
            runs.allSatisfy({ $0.endRow <= count })
        else { return nil }
        self.init(
            chunk: row[0], segment: row[1], segmentUUID: uuid, offset: row[2], length: length, sequence: row[4],
            rows: count, headerChecksum: checksum, runs: runs)
    }
}
