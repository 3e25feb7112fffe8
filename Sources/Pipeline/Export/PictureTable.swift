import FeatureStorage

/// Tables in RFC 4180's form that say what the rows of an array are.
enum PictureTable {
    /// The columns row, id (the content's SHA-256), path, label and split.
    static func text(_ pictures: [StoredPicture]) -> String {
        var text = "row,id,path,label,split\r\n"
        for (row, picture) in pictures.enumerated() {
            let texts = [picture.path, picture.label ?? "", picture.split ?? ""].map(field).joined(separator: ",")
            text += "\(row),\(picture.content),\(texts)\r\n"
        }
        return text
    }

    /// A field, in quotation marks where it needs them.
    static func field(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: { ",\"\r\n".unicodeScalars.contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}
