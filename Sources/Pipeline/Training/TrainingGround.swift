import FeatureStorage
import MetricLearning
import Retrieval
import Tensors

/// What trainings on the same pictures share: which of them judge, how good the raw features are, and the head that all begin with.
struct TrainingGround: Sendable {
    let plan: TrainingPlan
    /// Retrieval with the raw features; nil where nothing is held out.
    let raw: RetrievalMetrics?
    private let judge: HeldOutJudge
    private let start: TrainingStart
    private let metric: MonitoredMetric
    private let validation: ValidationChoice
    private let heldOutCount: Int

    /// Holds out pictures, measures the raw features and makes the head. Throws as `HeadTrainer.train` does.
    init(
        _ dataset: FeatureDataset, _ settings: HeadTrainer.Settings, continuing earlier: ProjectionHead?,
        announce: (String) -> Void
    ) throws {
        try settings.precision.requireSupport()
        metric = try MonitoredMetric(settings.monitor)
        let split: HeldOutSplit
        (split, validation) = try HeldOutSplit.chosen(from: dataset, by: settings)
        heldOutCount = split.heldOut.count
        plan = try TrainingPlan(dataset, training: split.training, settings: settings)
        announce(plan.residence.description)
        judge = try HeldOutJudge(plan, split, settings: settings, announce: announce)
        raw = try judge.metrics(nil)
        start = try TrainingStart(plan, judge, settings, continuing: earlier, announce: announce)
    }

    /// Trains with `settings`, which may differ from those of the ground in what makes steps, on `plan`, which is of the same
    /// training pictures; alone, or with the other processes of `group`.
    func train(
        _ settings: HeadTrainer.Settings, on plan: TrainingPlan, run: RunFolder?, group: (any ProcessGroup)? = nil,
        interruption: Interruption, progress: ProgressHandler
    ) throws -> HeadTrainer.Result {
        var training = try HeadTraining(
            plan, judge, start: start, metric: metric, settings: settings, group: group)
        try training.begin(run: run)
        let wasInterrupted = try training.run(interruption, folder: run, progress)
        let kept = try training.kept(raw: raw)
        return HeadTrainer.Result(
            head: kept.head, kept: kept.kind, shrinkage: start.shrinkage, epochs: training.progress.reports,
            losses: training.progress.losses.means, before: raw, projection: start.projection, after: kept.metrics,
            validation: validation, trainingCount: plan.training.count, heldOutCount: heldOutCount,
            batchSize: plan.batchSize, isSampledByClass: plan.sampler == .class, classes: plan.classes,
            views: plan.dataset.viewCount, residence: plan.residence,
            leftOut: training.progress.leftOut / max(1, training.progress.losses.means.count),
            wasInterrupted: wasInterrupted)
    }

    /// What `count` of the held-out pictures find before and after training to `head`.
    func examples(_ count: Int, head: ProjectionHead, seed: UInt64) throws -> [RetrievalExample] {
        try judge.examples(count, head: head, seed: seed)
    }
}

extension HeldOutSplit {
    /// The pictures that train and those that judge, and how these were chosen.
    fileprivate static func chosen(
        from dataset: FeatureDataset, by settings: HeadTrainer.Settings
    ) throws -> (HeldOutSplit, ValidationChoice) {
        let (split, choice) = try heldOut(dataset, settings)
        guard let set = settings.validationIndex else { return (split, choice) }
        guard !split.heldOut.isEmpty else {
            throw InputError(
                "--validation-index \(set)", "is searched by nothing: no picture is held out",
                remedy: "Choose held-out pictures with --validation, or leave it out.")
        }
        return (split.searching(in: try dataset.rows(in: set)), choice)
    }

    private static func heldOut(
        _ dataset: FeatureDataset, _ settings: HeadTrainer.Settings
    ) throws -> (HeldOutSplit, ValidationChoice) {
        let labels = dataset.labels(of: dataset.rows.indices)
        let (fraction, seed) = (settings.heldOutFraction, settings.seed)
        let byItems = { HeldOutSplit(labels: labels, fraction: fraction, seed: seed) }
        let byClasses = { HeldOutSplit(holdingOutClassesOf: labels, fraction: fraction, seed: seed) }
        switch settings.validation {
        case .automatic:
            let hasEnough = Set(labels).count >= ValidationChoice.fewestClasses
            let split = hasEnough ? byClasses() : byItems()
            // Too few classes with pairs to hold some out: pictures then.
            return hasEnough && split.heldOut.isEmpty ? (byItems(), .items) : (split, hasEnough ? .classes : .items)
        case .classes:
            let split = byClasses()
            guard !split.heldOut.isEmpty || fraction == 0 else {
                throw InputError(
                    "--validation classes", "cannot hold out two classes and leave two with pairs of pictures",
                    remedy: "Label more classes, or use --validation items.")
            }
            return (split, .classes)
        case .items: return (byItems(), .items)
        case .pictures(let set):
            return (HeldOutSplit(count: labels.count, heldOut: try dataset.rows(in: set)), settings.validation)
        case .none: return (HeldOutSplit(count: labels.count, heldOut: []), .none)
        }
    }
}
