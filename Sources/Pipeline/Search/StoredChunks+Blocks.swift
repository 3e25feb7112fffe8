import FeatureStorage
import Tensors

extension StoredChunks {
    /// Enough chunks for every core to decode some.
    private static let chunksAtATime = 64

    /// Calls `body` with the features of all rows in their order, shape `[some, dimension]`: of a few chunks at a time, so that
    /// features are never in memory as a whole. Throws as `read(at:)` does.
    func forEachBlock(_ body: (_ features: Matrix) throws -> Void) throws {
        for start in stride(from: 0, to: count, by: Self.chunksAtATime) {
            try body(read(at: Array(start..<min(start + Self.chunksAtATime, count))).features)
        }
    }
}
