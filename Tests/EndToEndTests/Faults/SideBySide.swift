import Dispatch
import Synchronization

/// Workers that go on side by side for a while, and longer where the machine is slow: until each kind of work was done often enough
/// to say something. The first error ends all.
final class SideBySide: Sendable {
    private struct State {
        var done: [String: Int] = [:]
        var problems: [String] = []
    }

    private let end: ContinuousClock.Instant
    private let least: [String: Int]
    private let state = Mutex(State())

    /// Goes on for `duration` and until the work of each name in `least` was done that often.
    init(for duration: Duration, least: [String: Int]) {
        end = .now + duration
        self.least = least
    }

    /// Runs `workers` at once, each its `work` again and again, which returns the name of what it did.
    func run(workers: Int, _ work: @Sendable (_ worker: Int) throws -> String) {
        DispatchQueue.concurrentPerform(iterations: workers) { worker in
            do {
                while goesOn { count(try work(worker)) }
            } catch { state.withLock { $0.problems.append("worker \(worker): \(error)") } }
        }
    }

    var problems: [String] { state.withLock { $0.problems } }

    func done(_ name: String) -> Int { state.withLock { $0.done[name, default: 0] } }

    private var goesOn: Bool {
        state.withLock { state in
            guard state.problems.isEmpty else { return false }
            return ContinuousClock.now < end || least.contains { state.done[$0.key, default: 0] < $0.value }
        }
    }

    private func count(_ name: String) { state.withLock { $0.done[name, default: 0] += 1 } }
}
