import Foundation
import Tensors

/// Decodes pools on a thread of its own, beside the training on the pool before. At most two pools are in memory: the one
/// that is trained on, and the next.
final class PoolPrefetch: @unchecked Sendable {
    // Everything that changes is touched only while `condition` is locked.
    private let condition = NSCondition()
    private var ready: [FeaturePool] = []
    /// Pools that are ready, being decoded, or in the hands of the one who asked.
    private var alive = 0
    private var isLent = false
    private var isFinished = true
    private var failure: (any Error)?

    private let plan: TrainingPlan
    private let epochs: Range<Int>
    private let cancellation = Interruption()

    private static let mostPools = 2

    /// A prefetch of the pools of `epochs`.
    init(_ plan: TrainingPlan, epochs: Range<Int>) { (self.plan, self.epochs) = (plan, epochs) }

    /// Starts decoding.
    func start() {
        condition.withLock { isFinished = false }
        WorkThread.start("pools") { [self] in
            do { try produce() } catch { condition.withLock { failure = error } }
            condition.withLock {
                isFinished = true
                condition.broadcast()
            }
        }
    }

    /// Whether the thread is there.
    var isRunning: Bool { condition.withLock { !isFinished } }

    /// The next pool, waiting for it; nil after the last, or after `stop()`. The caller must have let go of the pool before.
    /// Throws what reading the pool threw.
    func next() throws -> FeaturePool? {
        try condition.withLock {
            if isLent { alive -= 1 }
            isLent = false
            condition.broadcast()
            while ready.isEmpty && !isFinished { condition.wait() }
            guard !cancellation.isRequested else { return nil }
            isLent = !ready.isEmpty
            if isLent { return ready.removeFirst() }
            if let failure { throw failure }
            return nil
        }
    }

    /// Ends the work and waits until the thread has ended, which takes no longer than decoding a chunk.
    func stop() {
        cancellation.request()
        condition.withLock {
            condition.broadcast()
            while !isFinished { condition.wait() }
            ready = []
        }
    }

    private func produce() throws {
        for number in epochs {
            let epoch = try plan.epoch(number)
            for pool in epoch.pools {
                guard waitForRoom() else { return }
                deliver(try plan.load(pool, of: epoch, cancellation: cancellation))
            }
        }
    }

    /// Waits until only one pool is in memory. False where nobody wants another.
    private func waitForRoom() -> Bool {
        condition.withLock {
            while alive >= Self.mostPools && !cancellation.isRequested { condition.wait() }
            alive += 1
            return !cancellation.isRequested
        }
    }

    private func deliver(_ pool: FeaturePool) {
        condition.withLock {
            ready.append(pool)
            condition.broadcast()
        }
    }
}
