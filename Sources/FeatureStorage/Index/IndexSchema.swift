/// The tables of `index.sqlite`, as SQL. Readable with any SQLite tool; written only by the store's writer.
enum IndexSchema {
    /// `PRAGMA application_id`: "FCST".
    static let applicationID: Int32 = 0x4643_5354
    /// `PRAGMA user_version`.
    static let version: Int32 = 3

    /// Small, because a store of a few thousand pictures should not consist of half-empty pages.
    static let pageSize = 1024

    /// `row_check`, in every table, is what `RowChecksum` makes of the row's other values. Where a column is said to be
    /// unique, the writer sees to it: an index of SQLite's would keep every text twice.
    static let statements = """
        CREATE TABLE meta (
            key TEXT NOT NULL PRIMARY KEY,       -- store_uuid, last_sequence
            value TEXT NOT NULL,
            row_check INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE totals (
            table_name TEXT NOT NULL PRIMARY KEY,
            row_count INTEGER NOT NULL,
            check_sum INTEGER NOT NULL,          -- of the rows' row_check, taken as unsigned
            row_check INTEGER NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE spaces (
            space_id INTEGER PRIMARY KEY,
            fingerprint TEXT NOT NULL,           -- 64 hexadecimal digits; unique
            name TEXT NOT NULL,
            dimension INTEGER NOT NULL,
            row_type TEXT NOT NULL,              -- f16, f32, bf16, u8
            description TEXT NOT NULL,           -- JSON: name, fields, dimension, rowType, recipe
            row_check INTEGER NOT NULL
        );
        CREATE TABLE sources (
            source_id INTEGER PRIMARY KEY,
            root TEXT NOT NULL,                  -- the root folder of a listing; unique
            row_check INTEGER NOT NULL
        );
        CREATE TABLE folders (
            folder_id INTEGER PRIMARY KEY,
            path TEXT NOT NULL,                  -- with its last '/', empty without any; unique
            row_check INTEGER NOT NULL
        );
        CREATE TABLE labels (
            label_id INTEGER PRIMARY KEY,
            label TEXT NOT NULL,                 -- unique
            row_check INTEGER NOT NULL
        );
        CREATE TABLE splits (
            split_id INTEGER PRIMARY KEY,
            split TEXT NOT NULL,                 -- such as train, or gallery,query; unique
            row_check INTEGER NOT NULL
        );
        CREATE TABLE images (
            folder_id INTEGER NOT NULL REFERENCES folders,
            name TEXT NOT NULL,                  -- the picture's path is folders.path || name
            source_id INTEGER NOT NULL REFERENCES sources,
            label_id INTEGER REFERENCES labels,
            content_id INTEGER NOT NULL,         -- see features
            size INTEGER NOT NULL,               -- bytes
            modified INTEGER NOT NULL,           -- nanoseconds since 1970
            split_id INTEGER REFERENCES splits,
            row_check INTEGER NOT NULL,
            PRIMARY KEY (folder_id, name)
        ) WITHOUT ROWID;
        CREATE TABLE segments (
            segment_id INTEGER PRIMARY KEY,      -- the number in the file's name
            uuid TEXT NOT NULL,                  -- 32 hexadecimal digits; unique
            space_id INTEGER NOT NULL REFERENCES spaces,
            committed_length INTEGER NOT NULL,   -- bytes
            sealed INTEGER NOT NULL,             -- 1 once the footer is written
            row_check INTEGER NOT NULL
        );
        CREATE TABLE chunks (
            chunk_id INTEGER PRIMARY KEY,
            segment_id INTEGER NOT NULL REFERENCES segments,
            offset INTEGER NOT NULL,             -- of the block, in its segment
            length INTEGER NOT NULL,             -- of the whole block
            sequence INTEGER NOT NULL,
            rows INTEGER NOT NULL,               -- 0 for a block with listing changes only
            live INTEGER NOT NULL,               -- rows that features points at
            payload_length INTEGER NOT NULL,     -- bytes of the features as encoded
            header_crc INTEGER NOT NULL,
            row_check INTEGER NOT NULL
        );
        CREATE TABLE features (
            space_id INTEGER NOT NULL REFERENCES spaces,
            first_content INTEGER NOT NULL,      -- this content and the row_count - 1 after it
            row_count INTEGER NOT NULL,
            chunk_id INTEGER NOT NULL REFERENCES chunks,
            first_row INTEGER NOT NULL,          -- have this row of the chunk and those after it
            row_check INTEGER NOT NULL,
            PRIMARY KEY (space_id, first_content)
        ) WITHOUT ROWID;
        CREATE TABLE contents (
            content_id INTEGER PRIMARY KEY,      -- only those that no row of a segment has
            hash BLOB NOT NULL,                  -- SHA-256 of the file's bytes
            row_check INTEGER NOT NULL
        );
        CREATE TABLE failures (
            space_id INTEGER NOT NULL REFERENCES spaces,
            folder_id INTEGER NOT NULL REFERENCES folders,
            name TEXT NOT NULL,
            source_id INTEGER NOT NULL REFERENCES sources,
            reason TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            row_check INTEGER NOT NULL,
            PRIMARY KEY (space_id, folder_id, name)
        ) WITHOUT ROWID;
        """
}
