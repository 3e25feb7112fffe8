import Foundation
import GRDB
import Tensors

/// Enters blocks into the index. The writer's commit and the recovery after a crash use the same code, so that an index
/// rebuilt from the segments is the one that was lost.
struct BlockReplay {
    let database: Database

    /// Enters a segment's description of its space; a later one takes the place of an earlier.
    func enter(_ space: FeatureSpace) throws {
        let description = String(decoding: try CanonicalJSON.encode(space), as: UTF8.self)
        try database.cachedStatement(
            sql: """
                INSERT INTO spaces (fingerprint, name, dimension, row_type, description) VALUES (?, ?, ?, ?, ?)
                ON CONFLICT (fingerprint) DO UPDATE SET name = excluded.name, description = excluded.description
                """
        ).execute(arguments: [
            space.fingerprint.hex, space.name, space.dimension, space.rowType.rawValue, description,
        ])
    }

    /// Enters a segment that the index does not have.
    func enter(segment number: Int, _ header: SegmentHeader) throws {
        try database.cachedStatement(
            sql: """
                INSERT INTO segments (segment_id, uuid, space_id, committed_length, sealed)
                SELECT ?, ?, space_id, 0, 0 FROM spaces WHERE fingerprint = ?
                """
        ).execute(arguments: [number, Hexadecimal.string(of: header.uuid), header.space.hex])
    }

    /// Enters a chunk: its contents, its features, the listing changes.
    func enter(
        _ header: BlockHeader, segment: Int, contents: [Fingerprint], changes: [ListingChange],
        _ table: inout ContentTable
    ) throws {
        guard let space = try spaceID(ofSegment: segment) else {
            throw InputError(StoreLayout.segmentName(segment), "is of a space that no whole block describes")
        }
        try database.cachedStatement(
            sql: """
                INSERT INTO chunks (segment_id, offset, length, sequence, rows, live, payload_length, header_crc)
                VALUES (?, ?, ?, ?, ?, 0, ?, ?)
                """
        ).execute(arguments: [
            segment, header.offset, header.length, header.sequence, header.rows, header.payload.stored,
            header.checksum,
        ])
        let chunk = database.lastInsertedRowID
        let live = try enterFeatures(contents, chunk: chunk, space: space, &table)
        try database.cachedStatement(sql: "UPDATE chunks SET live = ? WHERE chunk_id = ?")
            .execute(arguments: [live, chunk])
        for change in changes { try apply(change, space: space, &table) }
    }

    /// Accounts for the file up to the end of `block`.
    func advance(segment: Int, past block: BlockHeader) throws {
        try database.cachedStatement(
            sql:
                "UPDATE segments SET committed_length = max(committed_length, ?), sealed = max(sealed, ?) WHERE segment_id = ?"
        ).execute(arguments: [block.end, block.kind == .footer, segment])
        try database.cachedStatement(sql: "UPDATE meta SET value = max(value, ?) WHERE key = 'last_sequence'")
            .execute(arguments: [block.sequence])
    }

    /// Empties everything that the segments can bring back.
    func reset() throws {
        for table in IndexSchema.replayedTables { try database.execute(sql: "DELETE FROM \(table)") }
        try database.execute(sql: "UPDATE meta SET value = 0 WHERE key = 'last_sequence'")
    }

    private func spaceID(ofSegment segment: Int) throws -> Int64? {
        try Int64.fetchOne(
            try database.cachedStatement(sql: "SELECT space_id FROM segments WHERE segment_id = ?"),
            arguments: [segment])
    }

    /// Returns how many rows count: those whose content had no feature in the space before.
    private func enterFeatures(
        _ contents: [Fingerprint], chunk: Int64, space: Int64, _ table: inout ContentTable
    ) throws -> Int {
        let insertion = try database.cachedStatement(
            sql: "INSERT OR IGNORE INTO features (space_id, content_id, chunk_id, row) VALUES (?, ?, ?, ?)")
        var live = 0
        for (row, key) in contents.enumerated() {
            let content = try contentID(key, &table)
            try insertion.execute(arguments: [space, content, chunk, row])
            live += database.changesCount
        }
        return live
    }

    private func contentID(_ key: Fingerprint, _ table: inout ContentTable) throws -> Int64 {
        let (number, isNew) = table.number(of: key)
        if isNew {
            try database.cachedStatement(sql: "INSERT INTO contents (content_id, hash) VALUES (?, ?)")
                .execute(arguments: [Int64(number), Data(key.bytes)])
        }
        return Int64(number)
    }

    private func sourceID(_ root: String) throws -> Int64? {
        let query = try database.cachedStatement(sql: "SELECT source_id FROM sources WHERE root = ?")
        if let known = try Int64.fetchOne(query, arguments: [root]) { return known }
        try database.cachedStatement(sql: "INSERT INTO sources (root) VALUES (?)").execute(arguments: [root])
        return database.lastInsertedRowID
    }

    private func apply(_ change: ListingChange, space: Int64, _ table: inout ContentTable) throws {
        switch change {
        case .picture(let entry):
            let content = try contentID(entry.content, &table)
            try database.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO images (path, source_id, label, content_id, size, modified)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                entry.path, try sourceID(entry.root), entry.label, content, entry.size, entry.modified,
            ])
            try database.cachedStatement(sql: "DELETE FROM failures WHERE space_id = ? AND path = ?")
                .execute(arguments: [space, entry.path])
        case .removal(let path):
            try database.cachedStatement(sql: "DELETE FROM images WHERE path = ?").execute(arguments: [path])
            try database.cachedStatement(sql: "DELETE FROM failures WHERE path = ?").execute(arguments: [path])
        case .failure(let entry):
            try database.cachedStatement(
                sql: """
                    INSERT OR REPLACE INTO failures (space_id, path, source_id, reason, size, modified)
                    VALUES (?, ?, ?, ?, ?, ?)
                    """
            ).execute(arguments: [
                space, entry.path, try sourceID(entry.root), entry.reason, entry.size, entry.modified,
            ])
            // The file is no more what the listing knew at this path.
            try database.cachedStatement(sql: "DELETE FROM images WHERE path = ? AND (size <> ? OR modified <> ?)")
                .execute(arguments: [entry.path, entry.size, entry.modified])
        }
    }
}
