import Foundation
import SwiftCSV
import Tensors

/// The records of a `.csv` or `.tsv` file (RFC 4180), the first one too.
struct CSVFile {
    let records: [[String]]

    /// The records of `text`, which is that of the file at `path`; `dialect` is of `.csv` files, fields of others are separated by tabs.
    /// Throws `InputError` where it is no table.
    init(path: String, _ text: String, dialect: CSVDialect) throws {
        let isTabbed = path.fileExtension.lowercased() == "tsv"
        let delimiter = isTabbed ? "\t" : dialect.delimiter(in: text)
        let text = text.hasPrefix("\u{FEFF}") ? String(text.dropFirst()) : text
        do {
            let table = try EnumeratedCSV(string: text, delimiter: .character(delimiter), loadColumns: false)
            records = table.header.isEmpty ? table.rows : [table.header] + table.rows
        } catch { throw InputError(path, "is no table of text: \(error)", remedy: "Write it as RFC 4180 says.") }
    }

    /// The text of a file. Throws `InputError` where it cannot be read or is not UTF-8.
    static func text(of path: String) throws -> String {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw InputError(path, "cannot be read: \(InputError.systemReason)")
        }
        guard let text = String(data: data, encoding: .utf8) else {
            throw InputError(path, "is not UTF-8", remedy: "Save it as UTF-8.")
        }
        return text
    }
}
