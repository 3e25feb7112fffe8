import Foundation
import Tensors

/// Makes a listing of the rows of a list, one after the other: finds the place of each picture and refuses what cannot be used.
struct RowIntake {
    private(set) var pictures: [ListedPicture] = []
    private(set) var refused: [PictureListing.Refusal] = []

    /// What to call the list.
    private let list: String
    /// Where relative paths begin; absolute.
    private let folder: String
    private let allowsOutside: Bool
    private var labels: [ExactText: String?] = [:]

    init(list: String, folder: String, allowsOutside: Bool) {
        (self.list, self.folder, self.allowsOutside) = (list, folder, allowsOutside)
    }

    /// Takes what a table says.
    mutating func take(_ table: PathTable) {
        for fault in table.faults { refuse(fault.number, fault.fact) }
        for row in table.rows {
            do { try take(row.path, label: row.label, split: row.split, bytes: row.bytes) } catch let error
                as InputError
            {
                refuse(row.number, "\(row.path): \(error.fact)")
            } catch { refuse(row.number, "\(row.path): \(error)") }
        }
    }

    /// Takes both pictures of every pair of a table, each once.
    mutating func take(_ table: PairTable) {
        for fault in table.faults { refuse(fault.number, fault.fact) }
        for row in table.rows {
            for path in [row.first, row.second] {
                do { try take(path, label: nil, split: nil, bytes: nil) } catch let error as InputError {
                    refuse(row.number, "\(path): \(error.fact)")
                } catch { refuse(row.number, "\(path): \(error)") }
            }
        }
    }

    /// Gives what was taken so far away; of paths that come again later it still knows the labels.
    mutating func drain() -> (pictures: [ListedPicture], refused: [PictureListing.Refusal]) {
        defer { (pictures, refused) = ([], []) }
        return (pictures, refused)
    }

    private mutating func take(_ named: String, label: String?, split: String?, bytes: Data?) throws {
        let path = try bytes == nil ? place(of: named) : name(of: named)
        guard let known = labels[ExactText(path)] else {
            labels[ExactText(path)] = label
            pictures.append(ListedPicture(path: path, label: label, split: split, bytes: bytes))
            return
        }
        guard known != label else { return }
        let words = [known, label].map { $0.map { "'\($0)'" } ?? "none" }
        throw InputError(path, "was listed before with another label: \(words[0]), now \(words[1])")
    }

    private mutating func refuse(_ number: Int, _ reason: String) {
        refused.append(PictureListing.Refusal(path: "\(list), row \(number)", reason: reason))
    }

    /// The absolute path of a file that a row names.
    private func place(of path: String) throws -> String {
        try FilePath.refuseAddress(path)
        guard !path.hasPrefix("/") else { return try FilePath.absolute(path) }
        let whole = try FilePath.absolute(folder + "/" + path)
        guard allowsOutside || !leadsUp(path) || FilePath.isWithin(whole, folder) else {
            throw InputError(path, "leads out of the list's folder, which --allow-outside permits")
        }
        return whole
    }

    /// The path of a picture that has no file of its own: nothing is looked up.
    private func name(of path: String) throws -> String {
        guard !leadsUp(path) else { throw InputError(path, "has '..' in the name of a picture that is no file") }
        return path.hasPrefix("/") ? path : (folder == "/" ? "/" : folder + "/") + path
    }

    private func leadsUp(_ path: String) -> Bool { path.split(separator: "/").contains("..") }
}
