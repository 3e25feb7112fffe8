import FeatureStorage
import Foundation
public import Tensors

extension FeatureDataset {
    /// What training reads, in one number: the contents and the classes of all rows, their views, and how they lie in chunks,
    /// which decides the pools. Reads all row tables, and throws `InputError` as the reader does where one is damaged.
    public func fingerprint() throws -> Fingerprint {
        var hasher = FingerprintHasher()
        hasher.update(try CanonicalJSON.encode(classNames))
        for chunk in 0..<chunks.count {
            for content in try chunks.contents(at: chunk) { hasher.update(Data(content.hex.utf8)) }
            hasher.update(Data([0]))
        }
        for row in rows {
            withUnsafeBytes(of: (row.chunk, row.row, row.label)) { hasher.update(Data($0)) }
        }
        for view in views {
            hasher.update(Data(view.chunks.space.fingerprint.bytes))
            for place in view.places {
                withUnsafeBytes(of: (place?.chunk ?? -1, place?.row ?? -1)) { hasher.update(Data($0)) }
            }
        }
        return hasher.finish()
    }
}
