import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors

/// The epochs of a training on scored pairs.
struct ScoredPairTraining {
    private let pairs: ScoredPairs
    private let settings: HeadTrainer.Settings
    private let schedule: LearningRateSchedule
    private let pairsPerBatch: Int
    private let raw, projection: PairCorrelation?
    private var state: TrainingState<ProjectionHead>
    private var best: (head: ProjectionHead, epoch: Int, correlation: PairCorrelation)?
    private var stopping: EarlyStopping?
    private var reports: [EpochReport] = []
    private var losses: [Float] = []
    private var wasInterrupted = false

    init(_ pairs: ScoredPairs, _ settings: HeadTrainer.Settings) throws {
        (self.pairs, self.settings) = (pairs, settings)
        pairsPerBatch = max(1, min(settings.batchSize / 2, pairs.training.count))
        let head = try Self.head(pairs, settings)
        let loss = PairsInBatch(CosineSimilarityLoss(), scores: pairs.scores)
        state = TrainingState(
            head: head, loss: loss,
            optimizer: try OptimizerCatalog.optimizer(settings.optimizer, learningRate: settings.baseRate),
            largestNorm: settings.largestNorm, precision: settings.precision)
        (raw, projection) = (pairs.correlation(nil), head.shortcut == nil ? nil : pairs.correlation(head.withoutLayers))
        let batches = Self.batchCount(pairs.training.count, pairsPerBatch)
        schedule = try LearningRateSchedule(
            LearningRateCurve(settings.schedule), baseRate: settings.baseRate, warmup: settings.warmup,
            totalSteps: settings.scheduleInterval.totalSteps(epochs: settings.epochs, batchesPerEpoch: batches))
        if let patience = settings.patience, raw != nil {
            stopping = EarlyStopping(
                mode: .max, patience: patience, minimumDelta: settings.minimumDelta, baseline: settings.baseline)
        }
    }

    /// Labels say nothing here, so that a residual head begins with a principal component analysis.
    private static func head(_ pairs: ScoredPairs, _ settings: HeadTrainer.Settings) throws -> ProjectionHead {
        var shortcut: Shortcut?
        if settings.head == .residual {
            let rows = pairs.trainingRows
            var scatter = FeatureScatter(dimension: pairs.features.columns, classes: 1)
            scatter.add(pairs.features.rows(at: rows), labels: rows.map { _ in 0 })
            shortcut = try PrincipalProjection.projection(scatter, dimension: settings.outputDimension)
                .with(residualWeight: settings.residualWeight)
        }
        return ProjectionHead(
            inputDimension: pairs.features.columns, outputDimension: settings.outputDimension,
            architecture: settings.architecture, shortcut: shortcut, seed: settings.seed)
    }

    private static func batchCount(_ pairs: Int, _ pairsPerBatch: Int) -> Int {
        (pairs + pairsPerBatch - 1) / pairsPerBatch
    }

    mutating func run(_ folder: RunFolder?, _ interruption: Interruption, _ show: ProgressHandler) throws {
        try report(epoch: 0, loss: nil, projection, isBest: false, folder)
        guard state.head.layerCount > 0 else { return }
        var order = pairs.training
        var generator = SeededGenerator(seed: settings.seed &+ 1)
        for epoch in 0..<settings.epochs {
            generator.shuffle(&order)
            guard let loss = try makeEpoch(epoch, order, interruption, show) else {
                wasInterrupted = true
                return
            }
            losses.append(loss)
            let correlation = pairs.correlation(state.head)
            let isBest =
                correlation.map { found in best.map { found.spearman > $0.correlation.spearman } ?? true } ?? false
            if isBest, let correlation { best = (state.head, epoch + 1, correlation) }
            try report(epoch: epoch + 1, loss: loss, correlation, isBest: isBest, folder)
            if let correlation, stopping?.observe(correlation.spearman) == .stop { return }
        }
    }

    /// The mean loss of an epoch; nil where it was interrupted.
    private mutating func makeEpoch(
        _ epoch: Int, _ order: [Int], _ interruption: Interruption, _ show: ProgressHandler
    ) throws -> Float? {
        let batches = Self.batchCount(order.count, pairsPerBatch)
        var total = 0.0
        for index in 0..<batches {
            guard !interruption.isRequested else { return nil }
            let (features, labels) = pairs.batch(
                order[index * pairsPerBatch..<min(order.count, (index + 1) * pairsPerBatch)])
            state.learningRate = schedule.rate(
                atStep: settings.scheduleInterval.step(epoch: epoch, batch: index, batchesPerEpoch: batches))
            total += Double(try state.step(features: features, labels: labels))
            show(
                ProgressUpdate(
                    activity: "training", done: epoch * batches + index + 1, total: settings.epochs * batches,
                    unit: "steps", note: "epoch \(epoch + 1)/\(settings.epochs)"))
        }
        return Float(total / Double(max(1, batches)))
    }

    private mutating func report(
        epoch: Int, loss: Float?, _ correlation: PairCorrelation?, isBest: Bool, _ folder: RunFolder?
    ) throws {
        let report = EpochReport(
            epoch: epoch, steps: state.steps, loss: loss, learningRate: loss == nil ? nil : state.learningRate,
            metrics: nil, monitored: correlation?.spearman, isBest: isBest, time: Date().timeIntervalSince1970)
        try folder?.append(report)
        reports.append(report)
    }

    /// What is kept: of features, projection and best epoch the one whose cosines follow held-out scores best, unless the settings ask for
    /// what was trained; that, too, where nothing was held out.
    private var kept: (head: ProjectionHead, kind: KeptHead, correlation: PairCorrelation?) {
        let head = state.head
        guard let raw else { return (head, .trained(epoch: losses.count), nil) }
        var found: (head: ProjectionHead, kind: KeptHead, correlation: PairCorrelation) = (
            ProjectionHead(passingThrough: head.inputDimension), .rawFeatures, raw
        )
        if let projection, projection.spearman > raw.spearman { found = (head.withoutLayers, .projection, projection) }
        if let best, settings.keepsTrained || best.correlation.spearman > found.correlation.spearman {
            found = (best.head, .trained(epoch: best.epoch), best.correlation)
        }
        return found
    }

    func result(of dataset: FeatureDataset) -> HeadTrainer.Result {
        let kept = kept
        var result = HeadTrainer.Result(
            head: kept.head, kept: kept.kind, shrinkage: nil, epochs: reports, losses: losses, before: nil,
            projection: nil, after: nil, validation: pairs.heldOut.isEmpty ? .none : .items,
            trainingCount: pairs.training.count, heldOutCount: pairs.heldOut.count, batchSize: pairsPerBatch * 2,
            isSampledByClass: false, classes: ClassSizes([Int32](), itemsPerClass: 1), views: 1,
            residence: .memory(bytes: pairs.features.elements.count * MemoryLayout<Float>.size), leftOut: 0,
            wasInterrupted: wasInterrupted)
        if let raw, let after = kept.correlation {
            result.pairs = PairComparison(before: raw, projection: projection, after: after)
        }
        return result
    }
}
