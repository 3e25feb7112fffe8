import Dispatch
import Synchronization

/// Loops over ranges on all cores.
package enum Parallel {
    /// How many threads are in work of their own.
    private static let works = Atomic(0)

    /// What `body` gives, which is one of several works on threads of their own. While there are as many of these as processors,
    /// loops run on the thread that they are on: every processor has something to do, and threads would take it from each other.
    package static func amongOthers<Value>(_ body: () throws -> Value) rethrows -> Value {
        works.add(1, ordering: .relaxed)
        defer { works.subtract(1, ordering: .relaxed) }
        return try body()
    }

    /// Calls `body` with consecutive ranges of `length` (the last may be shorter) that cover `0..<count`, several at a time.
    /// The ranges depend on `count` and `length` alone, never on the number of threads, so that results do not either.
    package static func forEachRange(of count: Int, length: Int, _ body: (Range<Int>) -> Void) {
        let pieces = (count + length - 1) / length
        @Sendable func range(_ piece: Int) -> Range<Int> { piece * length..<min(count, (piece + 1) * length) }
        guard pieces > 1, works.load(ordering: .relaxed) < AvailableProcessors.count else {
            for piece in 0..<pieces { body(range(piece)) }
            return
        }
        withoutActuallyEscaping(body) { body in
            // Not checked by the compiler: bodies run at the same time, so each may only write what belongs to its range.
            // All have ended when this returns.
            nonisolated(unsafe) let body = body
            let work: @Sendable (Int) -> Void = { body(range($0)) }
            // Loops within a loop, and those of several threads at a time, are Dispatch's to share out.
            if !ThreadTeam.shared.forEach(pieces, work) {
                DispatchQueue.concurrentPerform(iterations: pieces, execute: work)
            }
        }
    }
}
