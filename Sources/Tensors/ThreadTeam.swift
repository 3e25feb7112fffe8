import Synchronization

/// Threads that share out the pieces of a loop, one loop at a time, and stay awake for a moment after it.
///
/// A step of training has some twenty loops a few microseconds apart. Threads that went to sleep after each would be woken for
/// the next one, which takes about as long as the shorter of those loops last; OpenMP's threads wait awake for that reason.
final class ThreadTeam: Sendable {
    /// One thread for each processor that this process may use, with the thread that calls.
    static let shared = ThreadTeam(workers: AvailableProcessors.count - 1)

    private let pieces = PieceCounter()
    private let isTaken = Atomic(false)
    private let leader = WaitingPlace()
    private let workers: [WaitingPlace]

    /// A team of `workers` threads besides the one that calls. They stay until the process ends.
    init(workers count: Int) {
        workers = (0..<max(count, 0)).map { _ in WaitingPlace() }
        for worker in workers.indices {
            WorkThread.start("loops \(worker + 1)") { [self] in
                while true { takePart(as: worker) }
            }
        }
    }

    /// Calls `body` with `0..<count`, each number once, several at a time, and returns when all calls have. False, with no call
    /// made, where the team is in another loop: of another thread, or the one that this call is a piece of.
    func forEach(_ count: Int, _ body: (Int) -> Void) -> Bool {
        guard isTaken.compareExchange(expected: false, desired: true, ordering: .acquiring).exchanged else {
            return false
        }
        defer { isTaken.store(false, ordering: .releasing) }
        withoutActuallyEscaping(body) { body in
            withUnsafePointer(to: body) { body in
                pieces.open(count, body)
                wake(0...1)
                while pieces.runNext() {}
                leader.wait { pieces.areDone }
            }
        }
        return true
    }

    /// Runs pieces of the next loop that has some left.
    private func takePart(as worker: Int) {
        workers[worker].wait { pieces.isOpen }
        // The leader alone would wake a large team for longer than the loop lasts.
        wake(2 * worker + 2...2 * worker + 3)
        while pieces.runNext() {
            if pieces.areDone { leader.wake() }
        }
    }

    private func wake(_ some: ClosedRange<Int>) {
        for worker in some where worker < workers.count && pieces.isOpen { workers[worker].wake() }
    }
}
