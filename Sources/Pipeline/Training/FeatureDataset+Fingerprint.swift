import FeatureStorage
import Foundation
import Tensors

extension FeatureDataset {
    /// What training reads, in one number: the contents and the classes of all rows, and how they lie in chunks, which decides
    /// the pools.
    func fingerprint() throws -> Fingerprint {
        var hasher = FingerprintHasher()
        hasher.update(try CanonicalJSON.encode(classNames))
        for chunk in 0..<chunks.count {
            for content in try chunks.contents(at: chunk) { hasher.update(Data(content.hex.utf8)) }
            hasher.update(Data([0]))
        }
        for row in rows {
            withUnsafeBytes(of: (row.chunk, row.row, row.label)) { hasher.update(Data($0)) }
        }
        return hasher.finish()
    }
}
