import FeatureStorage
import Foundation
import ImageInput
import Tensors

/// What became of one file.
enum ExtractedPicture: Sendable {
    /// The network has seen it: its feature is a row of `features`.
    case feature(PictureEntry, of: Matrix, row: Int)
    /// Its content has a feature, or another file of this run, which comes before, has the same.
    case known(PictureEntry)
    /// It cannot be used. The content is nil where the file could not be read.
    case failed(FailureEntry, content: Fingerprint?)
}

extension FailureEntry {
    /// The failure of a picture below `root` for which `error` was thrown.
    init(_ picture: ListedPicture, root: String, _ error: any Error, size: Int, modified: Int64) {
        let reason = (error as? InputError).map { $0.remedy.isEmpty ? $0.fact : "\($0.fact). \($0.remedy)" }
        self.init(path: picture.path, root: root, reason: reason ?? "\(error)", size: size, modified: modified)
    }

    /// The failure of a file with the content of one that failed before.
    init(copy: PictureEntry, reason: String) {
        self.init(path: copy.path, root: copy.root, reason: reason, size: copy.size, modified: copy.modified)
    }
}
