import Dispatch
public import FeatureStorage
import Synchronization

extension StoredChunks {
    /// Reads every feature as binary32, chunk after chunk in the order of storage. Returns how many. Throws as `read(at:)`.
    public func readInOrder() throws -> Int { try (0..<count).reduce(0) { $0 + (try read(at: $1).features.rows) } }

    /// The same on all processors, in any order.
    public func readOnAllProcessors() throws -> Int {
        let result = Mutex<(rows: Int, error: (any Error)?)>((0, nil))
        DispatchQueue.concurrentPerform(iterations: count) { position in
            do {
                let rows = try read(at: position).features.rows
                result.withLock { $0.rows += rows }
            } catch {
                result.withLock { $0.error = error }
            }
        }
        let (rows, error) = result.withLock { $0 }
        if let error { throw error }
        return rows
    }
}
