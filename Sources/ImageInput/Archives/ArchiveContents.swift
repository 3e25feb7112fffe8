import Foundation
import Tensors

/// What an archive holds, gathered member by member: pictures, and what the files beside them say of them.
struct ArchiveContents {
    private(set) var otherFiles = 0
    private(set) var refused: [PictureListing.Refusal] = []

    private let archive: String
    private var found: [ExactText: (place: PictureArchive.Place, size: Int)] = [:]
    private var descriptions: [ExactText: Description] = [:]

    /// What the files that share a picture's key say.
    private struct Description {
        var ofClass: String?
        var ofObject: String?
        var ofText: String?
        var split: String?

        var label: String? { ofClass ?? ofObject ?? ofText }
    }

    /// Files that describe are short; a longer one is another file.
    private static let longestDescription = 64 << 10
    private static let longestLabel = 1 << 10

    init(archive: String) { self.archive = archive }

    /// Takes a file; `bytes` are asked for where it describes a picture. Of two with the same name the later counts, as when
    /// unpacked. Throws what `bytes` throws.
    mutating func take(
        _ name: String?, _ place: PictureArchive.Place, _ size: Int, _ bytes: () throws -> Data
    ) throws {
        guard let name else { return refuse("a member", "has a name that is not UTF-8") }
        let parts = name.split(separator: "/").filter { $0 != "." }
        guard !name.hasPrefix("/"), !parts.contains(".."), !parts.isEmpty else {
            return refuse(name, "has a name that leads out of the archive")
        }
        let (path, last) = (parts.joined(separator: "/"), parts[parts.count - 1])
        guard !last.hasPrefix(".") else { return }
        if FolderWalk.isPicture(String(last)) {
            guard size <= PictureArchive.largestMember else {
                return refuse(path, "has \(size) bytes, more than the \(PictureArchive.largestMember) of any picture")
            }
            found[ExactText(path)] = (place, size)
        } else {
            let isDescription = try size <= Self.longestDescription && describe(path, bytes)
            otherFiles += isDescription ? 0 : 1
        }
    }

    /// The pictures with their labels.
    func pictures() -> [ExactText: PictureArchive.Member] {
        var pictures: [ExactText: PictureArchive.Member] = [:]
        for (name, picture) in found {
            let known = descriptions[ExactText(Self.key(name.text))]
            let folder = name.text.contains("/") ? name.text.split(separator: "/").first.map(String.init) : nil
            pictures[name] = PictureArchive.Member(
                place: picture.place, size: picture.size, label: known?.label ?? folder, split: known?.split)
        }
        return pictures
    }

    /// Whether the file at `path` describes a picture: what it says is kept then.
    private mutating func describe(_ path: String, _ bytes: () throws -> Data) throws -> Bool {
        let kind = path.fileExtension.lowercased()
        guard ["cls", "json", "txt"].contains(kind) else { return false }
        let (key, data) = (ExactText(Self.key(path)), try bytes())
        var known = descriptions[key, default: Description()]
        switch kind {
        case "cls": known.ofClass = Self.line(data)
        case "txt": known.ofText = Self.line(data)
        default:
            let object = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
            known.ofObject = Self.text(object?["label"])
            known.split = Self.text(object?["split"])
        }
        descriptions[key] = known
        return true
    }

    /// A name up to the first dot of its last part.
    private static func key(_ path: String) -> String {
        let start = path.lastIndex(of: "/").map { path.index(after: $0) } ?? path.startIndex
        return String(path[..<(path[start...].firstIndex(of: ".") ?? path.endIndex)])
    }

    /// The one line of a text; nil where it has several, none, or no letters.
    private static func line(_ data: Data) -> String? {
        let text = String(data: data, encoding: .utf8)?.trimmingCharacters(in: .whitespacesAndNewlines)
        guard let text, !text.isEmpty, text.utf8.count <= longestLabel, !text.contains(where: \.isNewline) else {
            return nil
        }
        return text
    }

    private static func text(_ value: Any?) -> String? {
        switch value {
        case let text as String: text.isEmpty ? nil : text
        case let number as NSNumber: number.stringValue
        default: nil
        }
    }

    private mutating func refuse(_ name: String, _ reason: String) {
        refused.append(PictureListing.Refusal(path: "\(archive)/\(name)", reason: reason))
    }
}
