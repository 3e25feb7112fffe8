import Dispatch

/// Loops over ranges on all cores.
package enum Parallel {
    /// Calls `body` with consecutive ranges of `length` (the last may be shorter) that cover `0..<count`, several at a time.
    /// The ranges depend on `count` and `length` alone, never on the number of threads, so that results do not either.
    package static func forEachRange(of count: Int, length: Int, _ body: (Range<Int>) -> Void) {
        let pieces = (count + length - 1) / length
        guard pieces > 1 else {
            if count > 0 { body(0..<count) }
            return
        }
        withoutActuallyEscaping(body) { body in
            // Not checked by the compiler: bodies run at the same time, so each may only write what belongs to its range.
            // All have ended when this returns.
            nonisolated(unsafe) let body = body
            let work: @Sendable (Int) -> Void = { piece in body(piece * length..<min(count, (piece + 1) * length)) }
            // Loops within a loop, and those of several threads at a time, are Dispatch's to share out.
            if !ThreadTeam.shared.forEach(pieces, work) {
                DispatchQueue.concurrentPerform(iterations: pieces, execute: work)
            }
        }
    }
}
