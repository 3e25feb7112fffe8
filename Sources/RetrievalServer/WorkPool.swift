import Foundation
import Synchronization
import Tensors

/// Threads for what would hold up connections: a few at a time, and not endlessly many waiting.
final class WorkPool: Sendable {
    private let queue = OperationQueue()
    private let waiting = Atomic(0)
    private let most: Int

    /// A pool that works on `width` things at a time, with at most `most` there or waiting.
    init(_ name: String, width: Int, most: Int) {
        queue.name = name
        queue.maxConcurrentOperationCount = width
        self.most = most
    }

    /// What `work` gives. Throws what it throws, and `ServerError.busy` where too much waits.
    func run<Value: Sendable>(_ work: @escaping @Sendable () throws -> Value) async throws -> Value {
        let now = waiting.wrappingAdd(1, ordering: .relaxed).newValue
        defer { waiting.wrappingSubtract(1, ordering: .relaxed) }
        guard now <= most else { throw ServerError.busy }
        return try await withCheckedThrowingContinuation { continuation in
            queue.addOperation { continuation.resume(with: Result { try Parallel.amongOthers(work) }) }
        }
    }
}
