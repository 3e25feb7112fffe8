import Dispatch
import FeatureStorage
import Foundation
public import MetricLearning
import Retrieval
import Synchronization
import Tensors

/// Trainings that differ in their loss and learning rate, on features that are decoded once; the held-out pictures say which is
/// best.
public struct HeadSweep: Sendable {
    /// One of the trainings.
    public struct Trial: Sendable {
        /// Its settings.
        public let settings: HeadTrainer.Settings
        /// What it gave, or why it could not go on.
        public internal(set) var outcome: Result<HeadTrainer.Result, any Error>
        /// How long it took, in seconds.
        public let seconds: Double

        /// A trial with what it gave.
        public init(settings: HeadTrainer.Settings, outcome: Result<HeadTrainer.Result, any Error>, seconds: Double) {
            (self.settings, self.outcome, self.seconds) = (settings, outcome, seconds)
        }

        /// What it gave; nil where it could not go on.
        public var result: HeadTrainer.Result? { try? outcome.get() }
    }

    /// The settings of the trials: every loss with every learning rate.
    public let settings: [HeadTrainer.Settings]
    private let earlier: ProjectionHead?

    /// A sweep over `losses` and `learningRates`, each of which is that of `settings` where it is empty.
    public init(
        _ settings: HeadTrainer.Settings, losses: [ComponentDescription], learningRates: [Double],
        continuing earlier: ProjectionHead? = nil
    ) {
        let losses = losses.isEmpty ? [settings.loss] : losses
        let rates = learningRates.isEmpty ? [settings.learningRate] : learningRates.map { $0 }
        self.settings = losses.flatMap { loss in
            rates.map { rate in
                var trial = settings
                (trial.loss, trial.learningRate) = (loss, rate)
                return trial
            }
        }
        self.earlier = earlier
    }

    /// Makes the trials, as many at a time as there are cores where features stay in memory, and gives them in the order of
    /// `settings`; each gives what it would alone. `run` makes the folder of a trial. After `interruption` is requested, trials stop
    /// after their step, and those that have not begun are left out. The best has `examples` of what held-out pictures find.
    ///
    /// Throws `InputError` as `HeadTrainer.train` does before its first step, where nothing is held out to choose by, and the
    /// first trial's error where none could go on.
    public func train(
        _ dataset: FeatureDataset, examples: Int = 0, interruption: Interruption = Interruption(),
        run: @Sendable (_ trial: Int, _ settings: HeadTrainer.Settings) throws -> RunFolder? = { _, _ in nil },
        announce: (String) -> Void = { _ in }, progress: ProgressHandler
    ) throws -> [Trial] {
        let ground = try TrainingGround(dataset, settings[0], continuing: earlier, announce: announce)
        guard ground.raw != nil else {
            throw InputError(
                "--sweep", "has nothing to choose by: no picture is held out", remedy: "Choose another --validation.")
        }
        let isResident = ground.plan.residence.chunksPerPool == nil
        let features = isResident ? try ground.plan.features() : nil
        let workers = isResident ? min(AvailableProcessors.count, settings.count) : 1
        var made = withoutActuallyEscaping(progress) { progress in
            let meter = SweepProgress(count: settings.count, progress)
            return trials(workers, interruption) { number in
                defer { meter.end(number) }
                let plan = try TrainingPlan(
                    dataset, training: ground.plan.training, settings: settings[number], decoded: features)
                let folder = try run(number, settings[number])
                let result = try ground.train(
                    settings[number], on: plan, run: folder, interruption: interruption
                ) { meter.show($0, trial: number) }
                try folder?.conclude(result)
                return result
            }
        }
        if let first = made.first, made.allSatisfy({ $0.result == nil }) { _ = try first.outcome.get() }
        if let best = Self.best(of: made), var result = made[best].result {
            result.examples = try ground.examples(examples, head: result.head, seed: made[best].settings.seed)
            made[best].outcome = .success(result)
        }
        return made
    }

    /// Makes the trials, `workers` at a time, until all are made or `interruption` is requested.
    private func trials(
        _ workers: Int, _ interruption: Interruption, _ train: @Sendable (Int) throws -> HeadTrainer.Result
    ) -> [Trial] {
        let next = Atomic(0)
        let trials = Mutex([Trial?](repeating: nil, count: settings.count))
        DispatchQueue.concurrentPerform(iterations: workers) { _ in
            while !interruption.isRequested {
                let number = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard number < settings.count else { return }
                let started = ContinuousClock.now
                let outcome = Result<HeadTrainer.Result, any Error> { try Parallel.amongOthers { try train(number) } }
                let seconds = (ContinuousClock.now - started).seconds
                trials.withLock {
                    $0[number] = Trial(settings: settings[number], outcome: outcome, seconds: seconds)
                }
            }
        }
        return trials.withLock { $0.compactMap { $0 } }
    }

    /// The position of the trial whose head finds held-out pictures best by what its settings monitor, by MAP@R where that is the
    /// loss; of equals the first. Nil where there is none.
    public static func best(of trials: [Trial]) -> Int? {
        let values = trials.map { trial -> (value: Double, isLargerBetter: Bool)? in
            guard let after = trial.result?.after, let metric = try? MonitoredMetric(trial.settings.monitor) else {
                return nil
            }
            return metric.value(of: after, loss: nil).map { ($0, metric.isLargerBetter) }
                ?? (after.meanAveragePrecisionAtR, true)
        }
        return values.indices.filter { values[$0] != nil }.reduce(nil) { best, index in
            guard let best, let old = values[best], let new = values[index] else { return index }
            return (new.isLargerBetter ? new.value > old.value : new.value < old.value) ? index : best
        }
    }
}

/// The progress of all trials together.
private final class SweepProgress: @unchecked Sendable {
    // Touched only while `lock` is held; the handler is called so too.
    private let lock = NSLock()
    private var done: [Int]
    private var totals: [Int?]
    private var ended = 0
    private let handler: ProgressHandler

    init(count: Int, _ handler: @escaping ProgressHandler) {
        (done, totals) = ([Int](repeating: 0, count: count), [Int?](repeating: nil, count: count))
        self.handler = handler
    }

    func show(_ update: ProgressUpdate, trial: Int) {
        lock.withLock {
            (done[trial], totals[trial]) = (update.done, update.total)
            report()
        }
    }

    func end(_ trial: Int) {
        lock.withLock {
            // It may have stopped early.
            (totals[trial], ended) = (done[trial], ended + 1)
            report()
        }
    }

    /// Trials that have not begun count as the longest of those that have.
    private func report() {
        let longest = totals.compactMap { $0 }.max() ?? 1
        handler(
            ProgressUpdate(
                activity: "training", done: done.reduce(0, +), total: totals.reduce(0) { $0 + ($1 ?? longest) },
                unit: "steps", note: "\(ended) of \(done.count) trials done"))
    }
}
