import Foundation
import Tensors

/// The features to store: rows of `dimension` binary32 values and nothing else, read in pieces.
struct FeatureFile {
    let dimension: Int
    let rows: Int
    private let handle: FileHandle

    init(path: String, dimension: Int) throws {
        guard let handle = FileHandle(forReadingAtPath: path) else { throw InputError(path, "cannot be read") }
        let bytes = try handle.seekToEnd()
        (self.handle, self.dimension, rows) = (handle, dimension, Int(bytes) / (4 * dimension))
    }

    /// The values of the rows in `range`, one row after the other.
    func read(_ range: Range<Int>) throws -> [Float] {
        try handle.seek(toOffset: UInt64(range.lowerBound * dimension * 4))
        let length = range.count * dimension * 4
        guard let data = try handle.read(upToCount: length), data.count == length else {
            throw InputError("features", "end before row \(range.upperBound)")
        }
        return [Float](unsafeUninitializedCapacity: length / 4) { buffer, count in
            count = data.copyBytes(to: buffer) / 4
        }
    }
}
