public import Foundation
public import Tensors

/// A file that lists pictures: one path a line, or a table with one picture a row.
///
/// Files that end in `.csv` or `.tsv` are tables (RFC 4180; `CSVDialect` says what separates fields). A table whose first row has
/// a column `path`, `file_name`, `uri` or `image` has a header; else the first column is the path and the second the label, as in
/// Finetuner's CSV. In files that end in `.jsonl` each line is a JSON object with such members, as Hugging Face's `metadata.jsonl`.
/// `split` says what a row is for; OML's `is_query` and `is_gallery` do as the splits `query` and `gallery`. An object may bring the
/// picture's file along, in base64 as `bytes`, or say as `error` why there is none.
public struct PathTable: Sendable {
    /// A picture that is listed.
    public struct Row: Sendable, Hashable {
        /// The path as it stands in the file.
        public let path: String
        /// The label; nil where the file gives none.
        public let label: String?
        /// The content's SHA-256, as `export` writes it; nil where the file has none.
        public let id: Fingerprint?
        /// What the row is for; empty where nothing says it.
        public let splits: Set<String>
        /// The bytes of the picture's file, where the row brings them along.
        public let bytes: Data?
        /// Its number in the file, from 1, a header counted.
        public let number: Int

        /// The splits as a store keeps them, in order and joined by commas; nil for none.
        public var split: String? { splits.isEmpty ? nil : splits.sorted().joined(separator: ",") }
    }

    /// A row that names no picture.
    public struct Fault: Sendable, Hashable {
        /// Its number in the file, from 1, a header counted.
        public let number: Int
        /// What is wrong.
        public let fact: String
    }

    /// The pictures in the order of the file.
    public let rows: [Row]
    /// The rows that could not be used; empty lines are no rows.
    public let faults: [Fault]

    /// The endings of names that say that a file is a table.
    public static let extensions = ["csv", "tsv", "jsonl"]

    /// Whether a file's name says that it is a table.
    static func isNamedAsOne(_ path: String) -> Bool {
        extensions.contains(path.fileExtension.lowercased())
    }

    private static let pathColumns = ["path", "file_name", "uri", "image"]

    /// Reads the file at `path`; `dialect` is of `.csv` files. Throws `InputError` where it cannot be read, is not UTF-8, or is no table
    /// though its name says so.
    public init(path: String, dialect: CSVDialect = .sniffed) throws {
        let text = try CSVFile.text(of: path)
        switch path.fileExtension.lowercased() {
        case "csv", "tsv": self.init(Self.columns(try CSVFile(path: path, text, dialect: dialect).records))
        case "jsonl": self.init(Self.lines(text).map { ($0, Self.object($1)) })
        default: self.init(Self.lines(text).map { ($0, .success(["path": $1])) })
        }
    }

    /// The pictures that lines of text name, which are numbered: objects, or paths alone.
    init(lines: [(number: Int, line: String)], areObjects: Bool) {
        self.init(lines.map { ($0, areObjects ? Self.object($1) : .success(["path": $1])) })
    }

    private typealias Record = (number: Int, columns: Result<[String: String], InputError>)

    private init(_ records: [Record]) {
        var (rows, faults) = ([Row](), [Fault]())
        for (number, columns) in records {
            do {
                rows.append(try Row(columns.get(), number: number))
            } catch { faults.append(Fault(number: number, fact: error.fact)) }
        }
        (self.rows, self.faults) = (rows, faults)
    }

    private static func lines(_ text: String) -> [(number: Int, line: String)] {
        text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
            .filter { !$1.isEmpty }.map { ($0 + 1, String($1)) }
    }

    /// The fields of every record by the names of their columns.
    private static func columns(_ records: [[String]]) -> [Record] {
        guard let first = records.first else { return [] }
        let names = first.map { $0.lowercased() }
        let hasHeader = names.contains(where: pathColumns.contains)
        return records.enumerated().dropFirst(hasHeader ? 1 : 0).filter { $1.contains { !$0.isEmpty } }.map {
            index, record in
            let pairs = zip(hasHeader ? names : ["path", "label"], record)
            return (index + 1, .success(Dictionary(pairs.map { ($0, $1) }) { first, _ in first }))
        }
    }

    /// The members of a line's object that are texts, numbers or truth values.
    private static func object(_ line: String) -> Result<[String: String], InputError> {
        guard let value = try? JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any] else {
            return .failure(InputError("line", "is no JSON object"))
        }
        return .success(
            Dictionary(
                value.compactMap { name, value in
                    switch value {
                    case let text as String: (name.lowercased(), text)
                    case let number as NSNumber: (name.lowercased(), number.stringValue)
                    default: nil
                    }
                }, uniquingKeysWith: { first, _ in first }))
    }

    fileprivate static func path(_ columns: [String: String]) -> String? {
        pathColumns.lazy.compactMap { columns[$0] }.first { !$0.isEmpty }
    }
}

extension PathTable.Row {
    /// A row from its fields. Throws `InputError` where it has no path, or an id that is none.
    fileprivate init(_ columns: [String: String], number: Int) throws(InputError) {
        guard let path = PathTable.path(columns) else { throw InputError("row", "has no path") }
        let text = columns["id"] ?? ""
        let id = Fingerprint(hex: text)
        guard id != nil || text.isEmpty || text.utf8.count != 64 else {
            throw InputError("row", "has no SHA-256 as its id")
        }
        if let error = columns["error"] { throw InputError("row", "\(path): \(error)") }
        let label = columns["label"] ?? ""
        self.init(
            path: path, label: label.isEmpty ? nil : label, id: id, splits: Self.splits(of: columns),
            bytes: try Self.bytes(columns["bytes"]), number: number)
    }

    private static func bytes(_ text: String?) throws(InputError) -> Data? {
        guard let text else { return nil }
        guard let bytes = Data(base64Encoded: text), !bytes.isEmpty else {
            throw InputError("row", "has bytes that are not base64")
        }
        return bytes
    }

    private static func splits(of columns: [String: String]) -> Set<String> {
        var splits: Set<String> = []
        if let split = columns["split"], !split.isEmpty { splits.insert(split) }
        for name in ["query", "gallery"] where ["true", "1", "1.0"].contains(columns["is_\(name)"]?.lowercased() ?? "")
        {
            splits.insert(name)
        }
        return splits
    }
}
