import Foundation
import Tensors

extension PictureListing {
    /// The pictures that a file lists, as `PathTable` reads it, with their labels. Relative paths begin at the file's folder. Rows that name no
    /// picture, addresses, paths that `..` leads out of the folder (unless `allowsOutside`), and what was listed before under another label
    /// are refused, by their numbers.
    ///
    /// Throws `InputError` as `PathTable` does, and where nothing is left.
    static func table(_ file: String, dialect: CSVDialect, allowsOutside: Bool) throws -> PictureListing {
        let root = try FilePath.real(file)
        let folder = (root as NSString).deletingLastPathComponent
        var intake = RowIntake(list: root, folder: folder, allowsOutside: allowsOutside)
        intake.take(try PathTable(path: file, dialect: dialect))
        guard !intake.pictures.isEmpty else {
            let first = intake.refused.first.map { ": \($0.reason)" } ?? ""
            throw InputError(file, "lists no picture that can be used\(first)", remedy: "List pictures by their paths.")
        }
        return PictureListing(
            root: root, isFolder: true, pictures: intake.pictures, otherFiles: 0, refused: intake.refused)
    }
}
