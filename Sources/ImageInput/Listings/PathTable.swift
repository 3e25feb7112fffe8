import Foundation
import SwiftCSV
import Tensors

/// A file that lists pictures: one path a line, or a table with one picture a row.
///
/// Files that end in `.csv` or `.tsv` are tables (RFC 4180; fields are separated by a tab in the latter). A table whose first row has
/// a column `path`, `file_name`, `uri` or `image` has a header; else the first column is the path, as in Finetuner's CSV. `split`
/// says what a row is for; OML's `is_query` and `is_gallery` do as the splits `query` and `gallery`.
public struct PathTable: Sendable {
    /// A picture that is listed.
    public struct Row: Sendable, Hashable {
        /// The path as it stands in the file.
        public let path: String
        /// What the row is for; empty where nothing says it.
        public let splits: Set<String>
        /// Its number in the file, from 1, a header counted.
        public let number: Int
    }

    /// The pictures in the order of the file.
    public let rows: [Row]

    private static let pathColumns = ["path", "file_name", "uri", "image"]

    /// Reads the file at `path`. Throws `InputError` where it cannot be read, is not UTF-8, or is no table though its name says
    /// so.
    public init(path: String) throws {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(path, "cannot be read: \(InputError.systemReason)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw InputError(path, "is not UTF-8", remedy: "Save it as UTF-8.")
        }
        switch (path as NSString).pathExtension.lowercased() {
        case "csv": rows = Self.rows(try Self.records(text, .comma, path))
        case "tsv": rows = Self.rows(try Self.records(text, .tab, path))
        default:
            rows = text.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline).enumerated()
                .filter { !$1.isEmpty }.map { Row(path: String($1), splits: [], number: $0 + 1) }
        }
    }

    private static func records(_ text: String, _ delimiter: CSVDelimiter, _ path: String) throws -> [[String]] {
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        do {
            let table = try EnumeratedCSV(string: text, delimiter: delimiter, loadColumns: false)
            return table.header.isEmpty ? table.rows : [table.header] + table.rows
        } catch { throw InputError(path, "is no table of text: \(error)", remedy: "Write it as RFC 4180 says.") }
    }

    private static func rows(_ records: [[String]]) -> [Row] {
        guard let first = records.first else { return [] }
        let header = first.map { $0.lowercased() }
        let named = pathColumns.lazy.compactMap { header.firstIndex(of: $0) }.first
        return records.enumerated().dropFirst(named == nil ? 0 : 1).compactMap { index, record in
            let column = named ?? 0
            guard record.indices.contains(column), !record[column].isEmpty else { return nil }
            let splits = named == nil ? [] : splits(of: record, header)
            return Row(path: record[column], splits: splits, number: index + 1)
        }
    }

    private static func splits(of record: [String], _ header: [String]) -> Set<String> {
        var splits: Set<String> = []
        for (name, value) in zip(header, record) {
            switch name {
            case "split": splits.insert(value)
            case "is_query", "is_gallery":
                if ["true", "1", "1.0"].contains(value.lowercased()) { splits.insert(String(name.dropFirst(3))) }
            default: break
            }
        }
        return splits.filter { !$0.isEmpty }
    }
}
