import Synchronization

/// The pieces of a loop that several threads take one at a time.
final class PieceCounter: @unchecked Sendable {
    private let untaken = Atomic(0)
    private let undone = Atomic(0)
    // Written while no piece is left to take, and read only by those who took one.
    private var count = 0
    private var body: UnsafePointer<(Int) -> Void>?

    /// Whether there are pieces to take.
    var isOpen: Bool { untaken.load(ordering: .sequentiallyConsistent) > 0 }
    /// Whether the calls of all pieces have returned.
    var areDone: Bool { undone.load(ordering: .sequentiallyConsistent) == 0 }

    /// Gives `count` pieces to take, each a call of `body`, which is there until all are done. All that were given before are done.
    func open(_ count: Int, _ body: UnsafePointer<(Int) -> Void>) {
        precondition(areDone && !isOpen, "one loop at a time")
        (self.count, self.body) = (count, body)
        undone.store(count, ordering: .relaxed)
        untaken.store(count, ordering: .sequentiallyConsistent)
    }

    /// Takes a piece and runs it. False where all are taken.
    func runNext() -> Bool {
        var left = untaken.load(ordering: .relaxed)
        repeat {
            guard left > 0 else { return false }
            let (isTaken, found) = untaken.weakCompareExchange(
                expected: left, desired: left - 1, ordering: .acquiringAndReleasing)
            if isTaken { break }
            left = found
        } while true
        run(count - left)
        undone.subtract(1, ordering: .sequentiallyConsistent)
        return true
    }

    // A function of its own: what it retains is released when it returns, before the piece counts as done and `body` may go.
    @inline(never)
    private func run(_ piece: Int) { body?.pointee(piece) }
}
