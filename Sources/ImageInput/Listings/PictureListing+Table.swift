import Foundation
import Tensors

extension PictureListing {
    /// The pictures that a file lists, as `PathTable` reads it, with their labels. Relative paths begin at the file's folder. Rows that name no
    /// picture, addresses, paths that `..` leads out of the folder (unless `allowsOutside`), and what was listed before under another label
    /// are refused, by their numbers.
    ///
    /// Throws `InputError` as `PathTable` does, and where nothing is left.
    static func table(_ file: String, allowsOutside: Bool) throws -> PictureListing {
        let table = try PathTable(path: file)
        let root = try FilePath.real(file)
        let folder = (root as NSString).deletingLastPathComponent
        var refused = table.faults.map { Refusal(path: "\(root), row \($0.number)", reason: $0.fact) }
        var (pictures, labels) = ([ListedPicture](), [ExactText: String?]())
        for row in table.rows {
            do {
                let path = try place(of: row.path, in: folder, allowsOutside)
                guard let known = labels[ExactText(path)] else {
                    labels[ExactText(path)] = row.label
                    pictures.append(ListedPicture(path: path, label: row.label))
                    continue
                }
                guard known != row.label else { continue }
                let words = [known, row.label].map { $0.map { "'\($0)'" } ?? "none" }
                throw InputError(path, "was listed before with another label: \(words[0]), now \(words[1])")
            } catch let error as InputError {
                refused.append(Refusal(path: "\(root), row \(row.number)", reason: "\(row.path): \(error.fact)"))
            }
        }
        guard !pictures.isEmpty else {
            let first = refused.first.map { ": \($0.reason)" } ?? ""
            throw InputError(file, "lists no picture that can be used\(first)", remedy: "List pictures by their paths.")
        }
        return PictureListing(root: root, isFolder: true, pictures: pictures, otherFiles: 0, refused: refused)
    }

    private static func place(of path: String, in folder: String, _ allowsOutside: Bool) throws -> String {
        if let scheme = path.firstRange(of: "://"), path[..<scheme.lowerBound].allSatisfy(\.isLetter) {
            throw InputError(path, "is an address, and nothing is fetched: download the pictures first")
        }
        guard !path.hasPrefix("/") else { return try FilePath.absolute(path) }
        let whole = try FilePath.absolute(folder + "/" + path)
        guard allowsOutside || !path.split(separator: "/").contains("..") || FilePath.isWithin(whole, folder) else {
            throw InputError(path, "leads out of the list's folder, which --allow-outside permits")
        }
        return whole
    }
}
