import Dispatch
import FeatureStorage
import Foundation
import ImageInput
import Synchronization
import Tensors

/// What became of one file.
enum PreparedPicture: Sendable {
    /// Decoded and cropped, ready for the network.
    case ready(PictureEntry, crop: Picture)
    /// Its content has a feature already.
    case known(PictureEntry)
    /// It cannot be read or decoded.
    case failed(FailureEntry)
}

/// Turns files into cropped pictures on all cores.
struct PicturePreparer: Sendable {
    let root: String
    let decoder: ImageDecoder
    let preprocessor: ImagePreprocessor

    /// Prepares every file; results are in the files' order.
    func prepare(_ files: ArraySlice<ListedPicture>, known: Set<Fingerprint>) -> [PreparedPicture] {
        let results = Mutex([PreparedPicture?](repeating: nil, count: files.count))
        DispatchQueue.concurrentPerform(iterations: files.count) { index in
            let result = prepare(files[files.startIndex + index], known: known)
            results.withLock { $0[index] = result }
        }
        return results.withLock { $0.compactMap { $0 } }
    }

    private func prepare(_ picture: ListedPicture, known: Set<Fingerprint>) -> PreparedPicture {
        do {
            let file = try PictureFile(path: picture.path)
            let entry = PictureEntry(
                path: picture.path, label: picture.label, content: Fingerprint(of: file.bytes), size: file.size,
                modified: file.modified, root: root)
            if known.contains(entry.content) { return .known(entry) }
            do {
                return .ready(entry, crop: try preprocessor.crop(of: try decoder.decode(file.bytes)))
            } catch {
                return .failed(failure(picture, error, size: file.size, modified: file.modified))
            }
        } catch {
            let status = PictureFile.status(picture.path)
            return .failed(failure(picture, error, size: status?.size ?? 0, modified: status?.modified ?? 0))
        }
    }

    private func failure(_ picture: ListedPicture, _ error: any Error, size: Int, modified: Int64) -> FailureEntry {
        let reason = (error as? InputError).map { $0.remedy.isEmpty ? $0.fact : "\($0.fact). \($0.remedy)" }
        return FailureEntry(
            path: picture.path, root: root, reason: reason ?? "\(error)", size: size, modified: modified)
    }
}
