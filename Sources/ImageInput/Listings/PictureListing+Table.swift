import Foundation
import Tensors

extension PictureListing {
    /// The pictures that a file lists, as `PathTable` reads it, with their labels. Relative paths begin at the file's folder. Rows that name no
    /// picture, addresses, paths that `..` leads out of the folder (unless `allowsOutside`), and what was listed before under another label
    /// are refused, by their numbers.
    ///
    /// Where it `hasPairs`, it names two pictures a row, as `PairTable` reads it, and no labels. Throws `InputError` as the tables do, and where nothing is left.
    static func table(
        _ file: String, dialect: CSVDialect, allowsOutside: Bool, hasPairs: Bool
    ) throws -> PictureListing {
        let root = try FilePath.real(file)
        let folder = root.parentFolder
        var intake = RowIntake(list: root, folder: folder, allowsOutside: allowsOutside)
        if hasPairs {
            intake.take(try PairTable(path: file, dialect: dialect))
        } else {
            intake.take(try PathTable(path: file, dialect: dialect))
        }
        guard !intake.pictures.isEmpty else {
            let first = intake.refused.first.map { ": \($0.reason)" } ?? ""
            throw InputError(file, "lists no picture that can be used\(first)", remedy: "List pictures by their paths.")
        }
        return PictureListing(
            root: root, isFolder: true, pictures: intake.pictures, otherFiles: 0, refused: intake.refused)
    }
}
