public import FeatureStorage
import Foundation
import ImageInput
public import Tensors

/// Some of the pictures of a store, named by a text: a folder that holds them; a file that lists them, as `PathTable` reads it;
/// `FILE:SPLIT`, the rows of such a table with that split; or the name of a split that the store's own lists gave.
public struct PictureSet: Sendable, Hashable, CustomStringConvertible {
    /// The text.
    public let description: String

    /// The set that a text names. Nothing is looked at before it is asked for.
    public init(_ text: String) { description = text }

    /// The contents of those of `pictures` that are in the set. Throws as `members(of:)` does.
    public func contents(in pictures: [StoredPicture]) throws -> Set<Fingerprint> {
        Set(try members(of: pictures).map(\.content))
    }

    /// Those of `pictures` that are in the set. Paths are absolute, or relative to the working directory or to the folder of the file that
    /// lists them.
    ///
    /// Throws `InputError` where there is neither such a folder nor such a file nor such a split, where the file lists nothing, and where it lists
    /// something that is none of the pictures, naming the first.
    public func members(of pictures: [StoredPicture]) throws -> [StoredPicture] {
        if let below = Self.members(of: pictures, below: description) { return below }
        guard let (file, split) = parts() else { return try Self.members(of: pictures, split: description) }
        let listed = try PathTable(path: file).rows.filter { split.map($0.splits.contains) ?? true }
        guard !listed.isEmpty else {
            let fact = split.map { "has no row of the split '\($0)'" } ?? "lists nothing"
            throw InputError(file, fact, remedy: "List pictures by their paths, as export does.")
        }
        let places = StoredPlaces(pictures, beside: file)
        return try listed.map { try places.picture(at: $0.path, row: $0.number) }
    }

    /// What to say where none of its pictures has a label.
    var withoutLabels: InputError {
        InputError("pictures '\(self)'", "have no label", remedy: "Choose pictures that have one.")
    }

    /// The pictures in a folder; nil where there are none.
    private static func members(of pictures: [StoredPicture], below folder: String) -> [StoredPicture]? {
        let url = URL(fileURLWithPath: folder)
        let paths = [url.standardizedFileURL.path, url.resolvingSymlinksInPath().path]
        let prefixes = Set(paths.map { Array(($0.hasSuffix("/") ? $0 : $0 + "/").utf8) })
        let found = pictures.filter { picture in prefixes.contains { picture.path.utf8.starts(with: $0) } }
        return found.isEmpty ? nil : found
    }

    /// The file, and the split where one is named; nil where there is no such file.
    private func parts() -> (file: String, split: String?)? {
        if Self.isFile(description) { return (description, nil) }
        guard let colon = description.lastIndex(of: ":") else { return nil }
        let (file, split) = (String(description[..<colon]), String(description[description.index(after: colon)...]))
        return Self.isFile(file) && !split.isEmpty ? (file, split) : nil
    }

    private static func isFile(_ path: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) && !isFolder.boolValue
    }

    /// The pictures of a split. Throws `InputError` where there is none of that name.
    private static func members(of pictures: [StoredPicture], split: String) throws -> [StoredPicture] {
        let found = pictures.filter { $0.isIn(split: split) }
        guard found.isEmpty else { return found }
        let known = Set(pictures.compactMap(\.split)).sorted().prefix(8).joined(separator: "; ")
        throw InputError(
            "pictures '\(split)'",
            "are no folder with pictures of the store, no file that lists some, and no split of it"
                + (known.isEmpty ? "" : " (it has \(known))"),
            remedy: "Give a folder, a list with one path a line, a CSV table, table.csv:SPLIT, or a split.")
    }
}

extension PictureSet: Codable {
    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        self.init(try decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
