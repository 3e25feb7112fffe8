import FeatureStorage
import Foundation
import ImageInput
import Tensors

/// A file that the network has to see.
struct PictureToExtract: Sendable {
    /// Its number in the order of extraction.
    let index: Int
    let picture: ListedPicture
    let entry: PictureEntry
    let bytes: Data
}

/// Reads files ahead of the network, one after the other, and sorts out contents that need not be decoded.
struct PictureReader: Sendable {
    let root: String
    /// Contents that have a feature.
    let known: Set<Fingerprint>
    let queue: BoundedQueue<PictureToExtract>
    let results: OrderedResults<ExtractedPicture>

    /// Bytes of files that may wait to be decoded.
    static let bytesAhead = 32 << 20

    /// Reads all files until nobody takes them any more.
    func read(_ files: [ListedPicture]) {
        var seen = known
        for (index, picture) in files.enumerated() {
            guard read(picture, at: index, &seen) else { return }
        }
    }

    private func read(_ picture: ListedPicture, at index: Int, _ seen: inout Set<Fingerprint>) -> Bool {
        let file: PictureFile
        do { file = try PictureFile(picture) } catch {
            let status = PictureFile.status(picture)
            let failure = FailureEntry(
                picture, root: root, error, size: status?.size ?? 0, modified: status?.modified ?? 0)
            return results.put(.failed(failure, content: nil), at: index)
        }
        let entry = PictureEntry(
            path: picture.path, label: picture.label, split: picture.split, content: Fingerprint(of: file.bytes),
            size: file.size,
            modified: file.modified, root: root)
        guard seen.insert(entry.content).inserted else { return results.put(.known(entry), at: index) }
        return queue.push(
            PictureToExtract(index: index, picture: picture, entry: entry, bytes: file.bytes), cost: max(file.size, 1))
    }
}
