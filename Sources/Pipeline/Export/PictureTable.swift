import FeatureStorage

/// Tables in RFC 4180's form that say what the rows of an array are.
enum PictureTable {
    /// The columns row, id (the content's SHA-256), path and label.
    static func text(_ pictures: [StoredPicture]) -> String {
        var text = "row,id,path,label\r\n"
        for (row, picture) in pictures.enumerated() {
            text += "\(row),\(picture.content),\(field(picture.path)),\(field(picture.label ?? ""))\r\n"
        }
        return text
    }

    /// A field, in quotation marks where it needs them.
    static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
