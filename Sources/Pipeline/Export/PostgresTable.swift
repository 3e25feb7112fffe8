import FeatureStorage
import Foundation
import Tensors

/// A table of pictures with their vectors for PostgreSQL with pgvector 0.7 or newer.
struct PostgresTable {
    private let dimension: Int

    /// What pgvector's type `vector` and its indexes take.
    private static let (longest, longestIndexed, longestHalf) = (16_000, 2000, 4000)

    /// A table of vectors of that dimension. Throws `InputError` where pgvector has none.
    init(dimension: Int) throws {
        guard dimension <= Self.longest else {
            throw InputError(
                "vectors", "have \(dimension) numbers, and pgvector's at most \(Self.longest)",
                remedy: "Export the embeddings of a head.")
        }
        self.dimension = dimension
    }

    /// A script for psql that makes the table, fills it from the file `data` and makes the index.
    func script(data: String) -> String {
        """
        -- Run in the folder of \(data.replacing("\n", with: " ")): psql -f THIS_FILE
        CREATE EXTENSION IF NOT EXISTS vector;
        CREATE TABLE pictures (
            id text NOT NULL,               -- SHA-256 of the file
            path text NOT NULL PRIMARY KEY,
            label text,
            embedding vector(\(dimension)) NOT NULL
        );
        \\copy pictures (id, path, label, embedding) FROM '\(data.replacing("'", with: "''"))' WITH (FORMAT binary)
        \(index)
        -- The nearest pictures to one of them:
        -- SELECT path, label, 1 - (embedding <=> (SELECT embedding FROM pictures WHERE path = '…')) AS cosine
        -- FROM pictures ORDER BY embedding <=> (SELECT embedding FROM pictures WHERE path = '…') LIMIT 10;

        """
    }

    private var index: String {
        switch dimension {
        case ...Self.longestIndexed: "CREATE INDEX ON pictures USING hnsw (embedding vector_cosine_ops);"
        case ...Self.longestHalf:
            "CREATE INDEX ON pictures USING hnsw ((embedding::halfvec(\(dimension))) halfvec_cosine_ops);"
        default: "-- pgvector indexes at most \(Self.longestHalf) dimensions; searches read the whole table."
        }
    }

    /// Writes rows in the binary form of COPY (PostgreSQL's documentation, "COPY, Binary Format").
    func writeRows(_ pictures: [StoredPicture], _ vectors: Matrix, to file: FileHandle) throws {
        var bytes = Data("PGCOPY\n".utf8) + Data([0xFF, 0x0D, 0x0A, 0x00]) + Data(count: 8)
        for (row, picture) in pictures.enumerated() {
            Self.append(Int16(4), to: &bytes)
            for text in [picture.content.hex, picture.path, picture.label] { Self.append(text, to: &bytes) }
            Self.append(Int32(4 + 4 * dimension), to: &bytes)
            Self.append(Int16(truncatingIfNeeded: dimension), to: &bytes)
            Self.append(Int16(0), to: &bytes)
            for value in vectors.row(row) { Self.append(value.bitPattern, to: &bytes) }
            if bytes.count > 1 << 22 {
                try file.write(contentsOf: bytes)
                bytes.removeAll(keepingCapacity: true)
            }
        }
        Self.append(Int16(-1), to: &bytes)
        try file.write(contentsOf: bytes)
    }

    /// A text with its length in front; NULL where there is none.
    private static func append(_ text: String?, to bytes: inout Data) {
        guard let text else { return append(Int32(-1), to: &bytes) }
        append(Int32(text.utf8.count), to: &bytes)
        bytes.append(contentsOf: text.utf8)
    }

    private static func append(_ value: some FixedWidthInteger, to bytes: inout Data) {
        withUnsafeBytes(of: value.bigEndian) { bytes.append(contentsOf: $0) }
    }
}
