public import ArgumentParser
public import MetricLearning
import Pipeline
import Tensors

/// What is made small, and how.
struct ObjectiveOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp(
            "The loss with its settings, such as 'SupConLoss(temperature=0.1)'. See 'finetuner-cache losses'.",
            valueName: "loss"),
        transform: Self.component)
    var loss = Self.usualLoss

    static let usualLoss = ComponentDescription("TripletMarginLoss")

    /// Whether the loss takes scores of pairs.
    var isOfScoredPairs: Bool { loss.name == "CosineSimilarityLoss" }

    @Option(
        help: ArgumentHelp(
            """
            The miner that chooses what the loss looks at, such as 'BatchHardMiner', or none. [default: TripletMarginMiner \
            for TripletMarginLoss, else none]
            """, valueName: "miner"),
        transform: Self.component)
    var miner: ComponentDescription?

    @Option(
        help: ArgumentHelp(
            "The optimizer with its settings, such as 'AdamW(weight_decay=0.01)'.", valueName: "optimizer"),
        transform: Self.component)
    var optimizer = ComponentDescription("Adam")

    @Option(help: "The step size. [default: 1e-4 for a residual head, 1e-3 for a plain one]")
    var learningRate: Double?

    @Option(
        name: .customLong("loss-rate-factor"),
        help: "How many times the learning rate that of a loss's own weights is, such as ArcFaceLoss's.")
    var lossRateFactor = 10.0

    @Option(
        help: ArgumentHelp(
            "How the learning rate goes: constant, linear, cosine, cosine_with_restarts or polynomial, with settings.",
            valueName: "schedule"),
        transform: Self.component)
    var schedule = ComponentDescription("constant")

    @Option(
        help: ArgumentHelp(
            "How long the learning rate rises at first: steps, or a part of the run such as 0.1.",
            valueName: "steps|part"),
        transform: { text in try UsageErrors.translating { try Warmup(parsing: text) } })
    var warmup = Warmup.none

    @Option(name: .customLong("schedule-by"), help: "Change the learning rate by batch or by epoch.")
    var scheduleInterval = ScheduleInterval.batch

    @Option(name: .customLong("clip-norm"), help: "The largest global norm of the gradients.")
    var largestNorm: Double?

    @Option(help: "Compute products in f32, or in bf16: faster on processors with AVX512-BF16.")
    var precision = TrainingPrecision.f32

    func validate() throws {
        if let learningRate, !(learningRate > 0 && learningRate.isFinite) {
            throw ValidationError("--learning-rate must be positive.")
        }
        guard lossRateFactor >= 0, lossRateFactor.isFinite else {
            throw ValidationError("--loss-rate-factor must not be negative.")
        }
        if let largestNorm, !(largestNorm > 0 && largestNorm.isFinite) {
            throw ValidationError("--clip-norm must be positive.")
        }
        try UsageErrors.translating {
            if !isOfScoredPairs { _ = try LossCatalog.loss(loss, classes: 2, dimension: 2, seed: 0) }
            if let miner, miner.name != "none" { _ = try MinerCatalog.miner(miner) }
            _ = try OptimizerCatalog.optimizer(optimizer)
            _ = try LearningRateCurve(schedule)
        }
    }

    func apply(to settings: inout HeadTrainer.Settings) {
        settings.loss = loss
        settings.miner = miner
        settings.optimizer = optimizer
        settings.learningRate = learningRate
        settings.lossRateFactor = lossRateFactor
        settings.schedule = schedule
        settings.warmup = warmup
        settings.scheduleInterval = scheduleInterval
        settings.largestNorm = largestNorm
        settings.precision = precision
    }

    @Sendable private static func component(_ text: String) throws -> ComponentDescription {
        try UsageErrors.translating { try ComponentDescription(parsing: text) }
    }
}

extension ScheduleInterval: ExpressibleByArgument {}
extension TrainingPrecision: ExpressibleByArgument {}
