import FeatureStorage
import Foundation
import Tensors

/// Finds the pictures of a store that a file names by their paths.
struct StoredPlaces {
    private let pictures: [ExactText: StoredPicture]
    private let file: String
    private let folder: URL

    /// The pictures that the file at `file` may name.
    init(_ pictures: [StoredPicture], beside file: String) {
        self.pictures = Dictionary(
            pictures.map { (ExactText($0.path), $0) }, uniquingKeysWith: { first, _ in first })
        self.file = file
        folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    }

    /// A picture. Paths are absolute, or relative to the working directory or to the file's folder. Throws `InputError`
    /// naming the row where it is none of the store.
    func picture(at path: String, row: Int) throws -> StoredPicture {
        let urls = [URL(fileURLWithPath: path), URL(fileURLWithPath: path, relativeTo: folder)]
        let plain = urls.lazy.compactMap { pictures[ExactText($0.standardizedFileURL.path)] }.first
        let found = plain ?? urls.lazy.compactMap { pictures[ExactText($0.resolvingSymlinksInPath().path)] }.first
        guard let found else {
            throw InputError(
                "\(file), row \(row)", "names no picture of the store: \(path)",
                remedy: "Give paths as the table of export has them.")
        }
        return found
    }
}
