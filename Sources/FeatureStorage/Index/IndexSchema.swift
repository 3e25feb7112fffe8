/// The tables of `index.sqlite`. Readable with any SQLite tool; written only by the store's writer.
enum IndexSchema {
    /// `PRAGMA application_id`: "FCST".
    static let applicationID: Int32 = 0x4643_5354
    /// `PRAGMA user_version`.
    static let version: Int32 = 1

    /// The tables that hold what the segments say, in an order in which they can be emptied.
    static let replayedTables = [
        "features", "images", "failures", "chunks", "segments", "contents", "sources", "spaces",
    ]

    static let statements = """
        CREATE TABLE meta (
            key TEXT NOT NULL PRIMARY KEY,       -- store_uuid, last_sequence
            value NOT NULL
        ) WITHOUT ROWID;
        CREATE TABLE spaces (
            space_id INTEGER PRIMARY KEY,
            fingerprint TEXT NOT NULL UNIQUE,    -- 64 hexadecimal digits
            name TEXT NOT NULL,
            dimension INTEGER NOT NULL,
            row_type TEXT NOT NULL,              -- f16
            description TEXT NOT NULL            -- JSON: name, fields, dimension, rowType, recipe
        );
        CREATE TABLE contents (
            content_id INTEGER PRIMARY KEY,
            hash BLOB NOT NULL                   -- SHA-256 of the file's bytes; unique, as the writer sees to
        );
        CREATE TABLE sources (
            source_id INTEGER PRIMARY KEY,
            root TEXT NOT NULL UNIQUE            -- the root folder of a listing
        );
        CREATE TABLE images (
            path TEXT NOT NULL PRIMARY KEY,      -- absolute
            source_id INTEGER NOT NULL REFERENCES sources,
            label TEXT,
            content_id INTEGER NOT NULL REFERENCES contents,
            size INTEGER NOT NULL,               -- bytes
            modified INTEGER NOT NULL            -- nanoseconds since 1970
        ) WITHOUT ROWID;
        CREATE TABLE segments (
            segment_id INTEGER PRIMARY KEY,      -- the number in the file's name
            uuid TEXT NOT NULL UNIQUE,           -- 32 hexadecimal digits
            space_id INTEGER NOT NULL REFERENCES spaces,
            committed_length INTEGER NOT NULL,   -- bytes
            sealed INTEGER NOT NULL              -- 1 once the footer is written
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
            UNIQUE (segment_id, offset)
        );
        CREATE TABLE features (
            space_id INTEGER NOT NULL REFERENCES spaces,
            content_id INTEGER NOT NULL REFERENCES contents,
            chunk_id INTEGER NOT NULL REFERENCES chunks,
            row INTEGER NOT NULL,                -- in the chunk, from 0
            PRIMARY KEY (space_id, content_id)
        ) WITHOUT ROWID;
        CREATE TABLE failures (
            space_id INTEGER NOT NULL REFERENCES spaces,
            path TEXT NOT NULL,
            source_id INTEGER NOT NULL REFERENCES sources,
            reason TEXT NOT NULL,
            size INTEGER NOT NULL,
            modified INTEGER NOT NULL,
            PRIMARY KEY (space_id, path)
        ) WITHOUT ROWID;
        """
}
