import CKernels
import Dispatch
import Synchronization

/// Where one thread waits for what others do: awake for a moment, then asleep.
final class WaitingPlace: Sendable {
    private let isAsleep = Atomic(false)
    private let alarm = DispatchSemaphore(value: 0)

    /// How long a thread stays awake: longer than most pauses between the loops of a training step, and too short to be missed by
    /// whoever else wants the processor.
    private static let patience = Duration.microseconds(50)
    private static let looksPerTime = 16

    /// Returns when `isThere` is true, which it reads in sequential consistency. One thread at a time waits here.
    func wait(until isThere: () -> Bool) {
        if isSeen(isThere) { return }
        while !isThere() {
            isAsleep.store(true, ordering: .sequentiallyConsistent)
            // Either this sees what was done before it went to sleep, or who did it sees that it sleeps. Where both do, an alarm is
            // on its way.
            if isThere(), isAsleep.exchange(false, ordering: .sequentiallyConsistent) { return }
            alarm.wait()
        }
    }

    /// Wakes the thread that sleeps here, if one does, after what it waits for was done in sequential consistency.
    func wake() {
        guard isAsleep.load(ordering: .sequentiallyConsistent) else { return }
        if isAsleep.exchange(false, ordering: .sequentiallyConsistent) { alarm.signal() }
    }

    /// Looks until the patience is over.
    private func isSeen(_ isThere: () -> Bool) -> Bool {
        let start = ContinuousClock.now
        repeat {
            for _ in 0..<Self.looksPerTime {
                if isThere() { return true }
                ftc_pause()
            }
        } while start.duration(to: .now) < Self.patience
        return false
    }
}
