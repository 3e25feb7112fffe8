public import Foundation
import Synchronization
public import Tensors

/// A process group whose processes are threads, for tests.
public final class ThreadGroup: ProcessGroup {
    /// What the threads share: a place for each one's values, and a barrier.
    private final class Table: Sendable {
        let size: Int
        private let state: Mutex<State>
        private let turn = NSCondition()

        private struct State {
            var values: [[Float]]
            var data = Data()
            var arrived = 0
            var round = 0
        }

        init(size: Int) {
            self.size = size
            state = Mutex(State(values: Array(repeating: [], count: size)))
        }

        /// Returns when all threads came here.
        func wait() {
            turn.lock()
            defer { turn.unlock() }
            let (round, isLast) = state.withLock { state in
                state.arrived += 1
                guard state.arrived == size else { return (state.round, false) }
                (state.arrived, state.round) = (0, state.round + 1)
                return (state.round, true)
            }
            guard !isLast else { return turn.broadcast() }
            while state.withLock({ $0.round }) == round { turn.wait() }
        }

        /// Lays values down, and gives those of all threads when all have.
        func exchange(_ values: [Float], rank: Int) -> [[Float]] {
            state.withLock { $0.values[rank] = values }
            wait()
            let all = state.withLock { $0.values }
            wait()
            return all
        }

        func exchange(_ data: Data, rank: Int) -> Data {
            if rank == 0 { state.withLock { $0.data = data } }
            wait()
            let all = state.withLock { $0.data }
            wait()
            return all
        }
    }

    private let table: Table
    /// This thread's number.
    public let rank: Int
    /// How many threads there are.
    public var size: Int { table.size }
    /// The same.
    public var sizeOnThisMachine: Int { table.size }

    private init(_ table: Table, rank: Int) { (self.table, self.rank) = (table, rank) }

    /// Runs `body` in `size` threads, each with its place in the group, and gives what they returned, by rank.
    public static func run<Result: Sendable>(
        _ size: Int, _ body: @escaping @Sendable (ThreadGroup) throws -> Result
    ) throws -> [Result] {
        let table = Table(size: size)
        let results = Mutex([Int: Swift.Result<Result, any Error>]())
        let threads = DispatchGroup()
        for rank in 0..<size {
            threads.enter()
            WorkThread.start("rank \(rank)") {
                let result = Swift.Result { try body(ThreadGroup(table, rank: rank)) }
                results.withLock { $0[rank] = result }
                threads.leave()
            }
        }
        threads.wait()
        return try results.withLock { found in try (0..<size).compactMap { try found[$0]?.get() } }
    }

    /// As the protocol says.
    public func sum(_ values: UnsafeMutableBufferPointer<Float>) {
        let all = table.exchange(Array(values), rank: rank)
        for index in values.indices { values[index] = all.reduce(0) { $0 + $1[index] } }
    }

    /// As the protocol says.
    public func gather(_ own: UnsafeBufferPointer<Float>, counts: [Int], into all: UnsafeMutableBufferPointer<Float>) {
        let pieces = table.exchange(Array(own), rank: rank)
        precondition(pieces.map(\.count) == counts, "pieces of \(pieces.map(\.count)), not \(counts)")
        _ = all.update(fromContentsOf: pieces.joined())
    }

    /// As the protocol says.
    public func broadcast(_ data: Data) -> Data { table.exchange(data, rank: rank) }

    /// As the protocol says.
    public func finish() { table.wait() }
}
