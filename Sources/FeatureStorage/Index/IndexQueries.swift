import Foundation
import GRDB
import Tensors

/// What readers and the writer ask the index, each within a transaction of the caller's.
struct IndexQueries {
    let database: Database

    /// A segment as the index knows it.
    struct Segment {
        let number: Int
        let uuid: [UInt8]
        let space: Fingerprint
        let committedLength: Int
        let isSealed: Bool
    }

    func storeUUID() throws -> String {
        try String.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'store_uuid'") ?? ""
    }

    func lastSequence() throws -> Int64 {
        try Int64.fetchOne(database, sql: "SELECT value FROM meta WHERE key = 'last_sequence'") ?? 0
    }

    /// The spaces with their numbers in the index, in the order in which they came.
    func spaces() throws -> [(id: Int64, space: FeatureSpace)] {
        try Row.fetchAll(database, sql: "SELECT space_id, fingerprint, description FROM spaces ORDER BY space_id")
            .map { row in
                let description = Data((row[2] as String).utf8)
                guard let space = try? JSONDecoder().decode(FeatureSpace.self, from: description),
                    space.fingerprint.hex == row[1]
                else { throw Self.damaged("the description of space \(row[0] as Int64)") }
                return (row[0], space)
            }
    }

    /// The number of `space` in the index. Throws `InputError` where the store has no such space.
    func id(of space: FeatureSpace) throws -> Int64 {
        guard
            let id = try Int64.fetchOne(
                database, sql: "SELECT space_id FROM spaces WHERE fingerprint = ?", arguments: [space.fingerprint.hex])
        else { throw InputError("feature space \(space.fingerprint.short) (\(space.name))", "is not in this store") }
        return id
    }

    func segments() throws -> [Segment] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT segment_id, uuid, fingerprint, committed_length, sealed
                FROM segments JOIN spaces USING (space_id) ORDER BY segment_id
                """
        ).map { row in
            guard let uuid = Hexadecimal.bytes(row[1]), uuid.count == 16, let space = Fingerprint(hex: row[2]) else {
                throw Self.damaged("the row of segment \(row[0] as Int)")
            }
            return Segment(
                number: row[0], uuid: uuid, space: space, committedLength: row[3], isSealed: row[4])
        }
    }

    /// The chunks of a space that have features, in storage order.
    func chunks(space: Int64, of featureSpace: FeatureSpace) throws -> [ChunkLocation] {
        let rows = try Row.fetchCursor(
            database,
            sql: """
                SELECT chunk_id, segment_id, uuid, offset, length, sequence, rows, live, header_crc
                FROM chunks JOIN segments USING (segment_id) WHERE space_id = ? AND live > 0 ORDER BY sequence, chunk_id
                """, arguments: [space])
        var chunks: [ChunkLocation] = []
        while let row = try rows.next() {
            let (chunk, length, count): (Int64, Int, Int) = (row[0], row[4], row[6])
            // A row takes 32 bytes of the block for its content and packs 255:1 at best.
            guard let uuid = Hexadecimal.bytes(row[2]), uuid.count == 16,
                let checksum = UInt32(exactly: row[8] as Int64),
                count <= length / Fingerprint.byteCount, count <= BlockHeader.largestRowCount,
                count * featureSpace.rowType.bytesPerRow(dimension: featureSpace.dimension) / 256 <= length
            else { throw Self.damaged("the row of chunk \(chunk)") }
            let live = count == row[7] ? nil : try liveRows(chunk: chunk, space: space, below: count)
            chunks.append(
                ChunkLocation(
                    chunk: chunk, segment: row[1], segmentUUID: uuid, offset: row[3], length: length,
                    sequence: row[5], rows: count, headerChecksum: checksum, liveRows: live))
        }
        return chunks
    }

    private func liveRows(chunk: Int64, space: Int64, below count: Int) throws -> [Int] {
        let rows = try Int.fetchAll(
            database, sql: "SELECT row FROM features WHERE space_id = ? AND chunk_id = ? ORDER BY row",
            arguments: [space, chunk])
        guard rows.allSatisfy({ (0..<count).contains($0) }) else {
            throw Self.damaged("the features of chunk \(chunk)")
        }
        return rows
    }

    /// The failures of a space, of one root where it is given, by path.
    func failures(space: Int64, under root: String? = nil) throws -> [FailureEntry] {
        try Row.fetchAll(
            database,
            sql: """
                SELECT path, root, reason, size, modified FROM failures JOIN sources USING (source_id)
                WHERE space_id = ? AND (? IS NULL OR root = ?) ORDER BY path
                """, arguments: [space, root, root]
        ).map { FailureEntry(path: $0[0], root: $0[1], reason: $0[2], size: $0[3], modified: $0[4]) }
    }

    static func damaged(_ what: String) -> InputError {
        InputError(
            "index.sqlite", "is damaged: \(what) makes no sense",
            remedy: "Move it away and run `finetuner-cache build` again: it rebuilds the index from the segments.")
    }
}
