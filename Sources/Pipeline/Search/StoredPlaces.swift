import FeatureStorage
import Foundation
import Tensors

/// Finds the pictures of a store that a file names by their paths.
struct StoredPlaces {
    private let contents: [ExactText: Fingerprint]
    private let file: String
    private let folder: URL

    /// The pictures that the file at `file` may name.
    init(_ pictures: [StoredPicture], beside file: String) {
        contents = Dictionary(
            pictures.map { (ExactText($0.path), $0.content) }, uniquingKeysWith: { first, _ in first })
        self.file = file
        folder = URL(fileURLWithPath: file).deletingLastPathComponent()
    }

    /// The content of a picture. Paths are absolute, or relative to the working directory or to the file's folder. Throws `InputError`
    /// naming the row where it is none of the store.
    func content(of path: String, row: Int) throws -> Fingerprint {
        let urls = [URL(fileURLWithPath: path), URL(fileURLWithPath: path, relativeTo: folder)]
        let plain = urls.lazy.compactMap { contents[ExactText($0.standardizedFileURL.path)] }.first
        let found = plain ?? urls.lazy.compactMap { contents[ExactText($0.resolvingSymlinksInPath().path)] }.first
        guard let found else {
            throw InputError(
                "\(file), row \(row)", "names no picture of the store: \(path)",
                remedy: "Give paths as the table of export has them.")
        }
        return found
    }
}
