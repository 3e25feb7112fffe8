import FeatureStorage
import Foundation
import Tensors

/// Tables in RFC 4180's form that say what the rows of an array are.
enum PictureTable {
    /// The columns row, id (the content's SHA-256), path, label and split.
    static func text(_ pictures: [StoredPicture]) -> String {
        var text = "\(firstColumns),label,split\r\n"
        for (row, picture) in pictures.enumerated() {
            let texts = [picture.path, picture.label ?? "", picture.split ?? ""].map(field).joined(separator: ",")
            text += "\(row),\(picture.content),\(texts)\r\n"
        }
        return text
    }

    /// The path of the table that stands beside `output`: `NAME.csv` for `NAME.npy`. Throws `InputError` where there is something that is
    /// no such table, such as the list that a store was built from: before anything is written.
    static func path(beside output: String) throws -> String {
        let path = (output.hasSuffix(".npy") ? String(output.dropLast(4)) : output) + ".csv"
        guard FileManager.default.fileExists(atPath: path) else { return path }
        let head = try? FileHandle(forReadingAtPath: path)?.read(upToCount: firstColumns.utf8.count)
        guard head == Data(firstColumns.utf8) else {
            throw InputError(
                path, "is there already and is no table of what rows are, which would take its place",
                remedy: "Choose another name than \(output), or move that file.")
        }
        return path
    }

    /// With which all begin.
    static let firstColumns = "row,id,path"

    /// A field, in quotation marks where it needs them.
    static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
