import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors

/// The epochs of a run: steps, the measurement after each epoch, and what is best so far.
struct HeadTraining {
    private(set) var progress: TrainingProgress

    private let plan: TrainingPlan
    private let judge: HeldOutJudge
    private let start: TrainingStart
    private let metric: MonitoredMetric
    private let settings: HeadTrainer.Settings
    private let batchesPerEpoch: Int
    private let together: TrainingGroup

    /// A run before its first step, of this process or of a group.
    init(
        _ plan: TrainingPlan, _ judge: HeldOutJudge, start: TrainingStart, metric: MonitoredMetric,
        settings: HeadTrainer.Settings, group: (any ProcessGroup)?
    ) throws {
        together = TrainingGroup(group)
        (self.plan, self.judge, self.metric, self.settings) = (plan, judge, metric, settings)
        self.start = start
        batchesPerEpoch = settings.epochs > 0 ? try plan.epoch(0).batchCount : 1
        progress = TrainingProgress(try plan.state(start.head, settings, group: group))
        if let patience = settings.patience, judge.hasRows {
            progress.stopping = EarlyStopping(
                mode: metric.isLargerBetter ? .max : .min, patience: patience, minimumDelta: settings.minimumDelta,
                baseline: settings.baseline)
        }
    }

    /// Goes on from the checkpoint of `run` where it has one; else reports what training begins with.
    mutating func begin(run: RunFolder?) throws {
        if let checkpoint = try run?.checkpoint() {
            try checkpoint.restore(&progress)
            return try together.requireSameStart(progress.state.head, plan, settings)
        }
        try together.requireSameStart(start.head, plan, settings)
        let monitored = start.metrics.flatMap { metric.value(of: $0, loss: nil) }
        if start.isTrained, let monitored { progress.best = (start.head, 0, monitored) }
        let report = EpochReport(
            epoch: 0, steps: 0, loss: nil, learningRate: nil, metrics: start.metrics, monitored: monitored,
            isBest: start.isTrained && monitored != nil, time: Date().timeIntervalSince1970)
        progress.reports.append(report)
        try run?.append(report)
    }

    /// Makes the epochs that are left. Returns whether it was interrupted before the last step.
    mutating func run(
        _ interruption: Interruption, folder: RunFolder?, _ show: ProgressHandler
    ) throws -> Bool {
        guard progress.epoch < settings.epochs, !progress.hasStopped, start.head.layerCount > 0 else { return false }
        let batches = try plan.batches(epochs: progress.epoch..<settings.epochs)
        defer { batches.stop() }
        try batches.skip(progress.batch)
        let schedule = try makeSchedule()
        while !together.isRequested(interruption), let batch = try batches.next() {
            try step(batch, schedule, show)
            guard batch.isLast else { continue }
            try endEpoch(batch, folder)
            if progress.hasStopped { break }
        }
        let isDone = progress.hasStopped || progress.epoch >= settings.epochs
        try folder?.save(progress, always: true)
        return !isDone
    }

    private mutating func step(
        _ batch: FeatureBatch, _ schedule: LearningRateSchedule, _ show: ProgressHandler
    ) throws {
        // Pools may have a batch more or less from epoch to epoch; the schedule counts those of the first.
        let place = settings.scheduleInterval.step(
            epoch: batch.epoch.number, batch: min(batch.index, batchesPerEpoch - 1), batchesPerEpoch: batchesPerEpoch)
        progress.state.learningRate = schedule.rate(atStep: place)
        let loss = try progress.state.step(features: batch.features, labels: batch.labels)
        if batch.index == 0 { progress.leftOut += batch.epoch.leftOut }
        let mean = progress.losses.add(loss, epoch: batch.epoch.number)
        (progress.epoch, progress.batch) = (batch.epoch.number, batch.index + 1)
        let count = batch.epoch.batchCount
        show(
            ProgressUpdate(
                activity: "training", done: batch.epoch.number * count + batch.index + 1,
                total: settings.epochs * count, unit: "steps", note: note(batch.epoch.number, mean)))
    }

    private func note(_ epoch: Int, _ loss: Float) -> String {
        let value = progress.reports.last?.monitored
        let measured = value.map { ", \(metric) \(String(format: "%.4f", $0))" } ?? ""
        return "epoch \(epoch + 1)/\(settings.epochs), loss \(String(format: "%.4f", Double(loss)))\(measured)"
    }

    private func makeSchedule() throws -> LearningRateSchedule {
        try LearningRateSchedule(
            LearningRateCurve(settings.schedule), baseRate: settings.baseRate, warmup: settings.warmup,
            totalSteps: settings.scheduleInterval.totalSteps(
                epochs: settings.epochs, batchesPerEpoch: batchesPerEpoch))
    }

    /// Measures the head after an epoch, remembers it where it is the best, and decides whether to go on.
    private mutating func endEpoch(_ batch: FeatureBatch, _ folder: RunFolder?) throws {
        (progress.epoch, progress.batch) = (batch.epoch.number + 1, 0)
        let loss = progress.losses.means[batch.epoch.number]
        let metrics = try together.metrics { try judge.metrics(progress.state.head) }
        let monitored = metrics.flatMap { metric.value(of: $0, loss: Double(loss)) }
        let isBest = monitored.map { isBetter($0, than: progress.best?.value) } ?? false
        if isBest, let monitored { progress.best = (progress.state.head, progress.epoch, monitored) }
        let report = EpochReport(
            epoch: progress.epoch, steps: progress.state.steps, loss: loss,
            learningRate: progress.state.learningRate, metrics: metrics, monitored: monitored, isBest: isBest,
            time: Date().timeIntervalSince1970)
        progress.reports.append(report)
        try together.requireSame(progress.state.head)
        if let monitored, progress.stopping?.observe(monitored) == .stop { progress.hasStopped = true }
        try folder?.append(report)
        try folder?.save(progress, always: false)
    }

    private func isBetter(_ value: Double, than other: Double?) -> Bool {
        guard value.isFinite else { return false }
        guard let other else { return true }
        return metric.isBetter(value, than: other)
    }

    /// What is kept: the best epoch, where it is better than the projection and the raw features, else the better of these.
    /// Without held-out pictures, and where the settings say so, what was trained.
    func kept(raw: RetrievalMetrics?) throws -> (head: ProjectionHead, kind: KeptHead, metrics: RetrievalMetrics?) {
        guard let raw else { return untested }
        var best = (
            head: ProjectionHead(passingThrough: start.head.inputDimension), kind: KeptHead.rawFeatures, metrics: raw
        )
        if let projection = start.projection, projection.isBetter(than: raw, by: metric) {
            best = (start.head.withoutLayers, .projection, projection)
        }
        var isForced = settings.keepsTrained
        for candidate in try candidates() where isForced || candidate.metrics.isBetter(than: best.metrics, by: metric) {
            best = candidate
            isForced = false
        }
        return best
    }

    /// The heads that training gave: the best epoch, as it was measured, and one that was interrupted, which is measured now.
    private func candidates() throws -> [(head: ProjectionHead, kind: KeptHead, metrics: RetrievalMetrics)] {
        var candidates: [(head: ProjectionHead, kind: KeptHead, metrics: RetrievalMetrics)] = []
        if let best = progress.best, let metrics = progress.reports.first(where: { $0.epoch == best.epoch })?.metrics {
            candidates.append((best.head, .trained(epoch: best.epoch), metrics))
        }
        if progress.batch > 0, let metrics = try together.metrics({ try judge.metrics(progress.state.head) }) {
            candidates.append((progress.state.head, .trained(epoch: progress.epoch + 1), metrics))
        }
        return candidates
    }

    /// What is kept where nothing was held out: the head as trained, or what it began with.
    private var untested: (head: ProjectionHead, kind: KeptHead, metrics: RetrievalMetrics?) {
        guard progress.state.steps == 0, start.head.shortcut != nil, !start.isTrained else {
            return (progress.state.head, .trained(epoch: progress.losses.means.count), nil)
        }
        return (start.head.withoutLayers, .projection, nil)
    }
}

extension RetrievalMetrics {
    /// Whether these are better by a metric; by MAP@R where the loss is what is monitored, which features alone do not have.
    fileprivate func isBetter(than other: RetrievalMetrics, by metric: MonitoredMetric) -> Bool {
        guard let own = metric.value(of: self, loss: nil), let others = metric.value(of: other, loss: nil) else {
            return meanAveragePrecisionAtR > other.meanAveragePrecisionAtR
        }
        return metric.isBetter(own, than: others)
    }
}
