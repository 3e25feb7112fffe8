import GRDB
import Tensors

extension IndexQueries {
    /// The features of a space, each content once.
    func rows(space: Int64) throws -> Int {
        let query = "SELECT coalesce(sum(live), 0) FROM chunks JOIN segments USING (segment_id) WHERE space_id = ?"
        return try Int.fetchOne(database, sql: query, arguments: [space]) ?? 0
    }

    func summary(of space: FeatureSpace, id: Int64) throws -> SpaceSummary {
        let chunks = try Row.fetchOne(
            database,
            sql: """
                SELECT coalesce(sum(live), 0), count(nullif(rows, 0)), coalesce(sum(payload_length), 0),
                    coalesce(sum(length), 0)
                FROM chunks JOIN segments USING (segment_id) WHERE space_id = ?
                """, arguments: [id])
        let pictures = try count(
            "images JOIN features ON features.space_id = ? AND features.content_id = images.content_id", [id])
        let rows: Int = chunks?[0] ?? 0
        return SpaceSummary(
            space: space, rows: rows, chunks: chunks?[1] ?? 0, payloadBytes: chunks?[2] ?? 0,
            storedBytes: chunks?[3] ?? 0, rawBytes: rows * space.dimension * MemoryLayout<Float>.size,
            pictures: pictures, failures: try count("failures WHERE space_id = ?", [id]))
    }

    func summary(indexBytes: Int) throws -> StoreSummary {
        let labels = try Row.fetchAll(
            database, sql: "SELECT label, count(*) FROM images WHERE label IS NOT NULL GROUP BY label")
        return StoreSummary(
            uuid: try storeUUID(), pictures: try count("images"), contents: try count("contents"),
            labels: Dictionary(labels.map { ($0[0] as String, $0[1] as Int) }, uniquingKeysWith: +),
            unlabeled: try count("images WHERE label IS NULL"), failures: try count("failures"),
            segments: try count("segments"),
            segmentBytes: try Int.fetchOne(database, sql: "SELECT coalesce(sum(committed_length), 0) FROM segments")
                ?? 0,
            indexBytes: indexBytes)
    }

    private func count(_ from: String, _ arguments: StatementArguments = []) throws -> Int {
        try Int.fetchOne(database, sql: "SELECT count(*) FROM \(from)", arguments: arguments) ?? 0
    }
}

extension IndexQueries {
    /// What the footer of a segment says.
    func footer(ofSegment number: Int) throws -> BlockMetadata.Footer {
        let row = try Row.fetchOne(
            database, sql: "SELECT count(*), coalesce(sum(rows), 0) FROM chunks WHERE segment_id = ?",
            arguments: [number])
        return BlockMetadata.Footer(chunks: row?[0] ?? 0, rows: row?[1] ?? 0)
    }
}
