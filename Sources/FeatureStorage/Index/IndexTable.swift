/// A table of `index.sqlite`: its columns in their order, without `row_check`, which every table ends with.
struct IndexTable: Sendable {
    enum ColumnType: Sendable { case integer, text, blob }

    let name: String
    let columns: [(name: String, type: ColumnType)]
    /// How many columns, from the first, are the primary key.
    let keyCount: Int

    /// `SELECT` of all columns and the checksum, without a condition.
    let selection: String
    /// The condition that picks a row by its key.
    let keyCondition: String
    /// What follows `INSERT`.
    let insertion: String

    private init(_ name: String, key: Int = 1, _ columns: KeyValuePairs<String, ColumnType>) {
        (self.name, self.columns, keyCount) = (name, columns.map { ($0.key, $0.value) }, key)
        let names = columns.map(\.key) + ["row_check"]
        let list = names.joined(separator: ", ")
        selection = "SELECT \(list) FROM \(name)"
        keyCondition = "WHERE " + columns.prefix(key).map { "\($0.key) = ?" }.joined(separator: " AND ")
        insertion = "INTO \(name) (\(list)) VALUES (\(names.map { _ in "?" }.joined(separator: ", ")))"
    }

    static let meta = IndexTable("meta", ["key": .text, "value": .text])
    static let spaces = IndexTable(
        "spaces",
        [
            "space_id": .integer, "fingerprint": .text, "name": .text, "dimension": .integer, "row_type": .text,
            "description": .text,
        ])
    static let sources = IndexTable("sources", ["source_id": .integer, "root": .text])
    static let folders = IndexTable("folders", ["folder_id": .integer, "path": .text])
    static let labels = IndexTable("labels", ["label_id": .integer, "label": .text])
    static let splits = IndexTable("splits", ["split_id": .integer, "split": .text])
    static let images = IndexTable(
        "images", key: 2,
        [
            "folder_id": .integer, "name": .text, "source_id": .integer, "label_id": .integer,
            "content_id": .integer, "size": .integer, "modified": .integer, "split_id": .integer,
        ])
    static let segments = IndexTable(
        "segments",
        [
            "segment_id": .integer, "uuid": .text, "space_id": .integer, "committed_length": .integer,
            "sealed": .integer,
        ])
    static let chunks = IndexTable(
        "chunks",
        [
            "chunk_id": .integer, "segment_id": .integer, "offset": .integer, "length": .integer,
            "sequence": .integer, "rows": .integer, "live": .integer, "payload_length": .integer,
            "header_crc": .integer,
        ])
    static let features = IndexTable(
        "features", key: 2,
        [
            "space_id": .integer, "first_content": .integer, "row_count": .integer, "chunk_id": .integer,
            "first_row": .integer,
        ])
    static let contents = IndexTable("contents", ["content_id": .integer, "hash": .blob])
    static let failures = IndexTable(
        "failures", key: 3,
        [
            "space_id": .integer, "folder_id": .integer, "name": .text, "source_id": .integer, "reason": .text,
            "size": .integer, "modified": .integer,
        ])
    static let totals = IndexTable(
        "totals", ["table_name": .text, "row_count": .integer, "check_sum": .integer])

    /// The tables that hold what the segments say.
    static let replayed = [
        spaces, sources, folders, labels, splits, images, segments, chunks, features, contents, failures,
    ]
    /// The tables whose rows `totals` counts.
    static let counted = [meta] + replayed
}
