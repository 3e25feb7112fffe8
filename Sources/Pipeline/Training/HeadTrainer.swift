import FeatureStorage
import Foundation
public import MetricLearning
public import Retrieval
import Tensors

/// Stage two: trains a projection head on stored features.
public struct HeadTrainer: Sendable {
    /// What decides a training run; equal settings and features give equal heads, bit by bit, on one machine.
    public struct Settings: Sendable, Hashable, Codable {
        /// The length of an embedding.
        public var outputDimension: Int
        /// How often the whole training set is gone through.
        public var epochs = 5
        /// Pictures a step; fewer are taken where there are not enough classes.
        public var batchSize = 128
        /// Pictures of one class in a batch.
        public var itemsPerClass = 4
        /// Adam's step size.
        public var learningRate = 1e-3
        /// Decides initial weights, held-out pictures and batches.
        public var seed: UInt64 = 0
        /// The part of every class that judges and does not train, 0 for none.
        public var heldOutFraction = 0.2
        /// Bytes that decoded features may take, which decides whether they stay in memory or how many are in a pool; nil for
        /// half of the machine's memory.
        public var memory: Int?

        /// Settings with Finetuner's defaults for all but the output dimension.
        public init(outputDimension: Int) { self.outputDimension = outputDimension }
    }

    /// What a run gives.
    public struct Result: Sendable {
        /// The trained head.
        public let head: ProjectionHead
        /// The mean loss of each epoch; of the last one, the steps that were made where the run was interrupted.
        public let losses: [Float]
        /// Retrieval among held-out pictures with the raw features; nil where none could be held out.
        public let before: RetrievalMetrics?
        /// The same with the head.
        public let after: RetrievalMetrics?
        /// Pictures trained on and held out.
        public let trainingCount, heldOutCount: Int
        /// The batch size that was used.
        public let batchSize: Int
        /// Where the features were.
        public let residence: FeatureResidence
        /// Training pictures that an epoch had no place for, on average; 0 where features stayed in memory.
        public let leftOut: Int
        /// Whether the run was asked to stop before its last step.
        public let wasInterrupted: Bool
    }

    private let settings: Settings

    /// A trainer with `settings`.
    public init(_ settings: Settings) { self.settings = settings }

    /// Trains on `dataset`, whose features are read as `Settings.memory` allows; `announce` is told how. Stops after the step
    /// in which `interruption` is requested, with the head as trained so far.
    ///
    /// Throws `InputError` where there are not two classes with enough pictures, where the memory is too small, where a chunk
    /// is damaged, or where the loss leaves the finite numbers.
    public func train(
        _ dataset: FeatureDataset, interruption: Interruption = Interruption(),
        announce: (String) -> Void = { _ in }, progress: ProgressHandler
    ) throws -> Result {
        let labels = dataset.labels(of: dataset.rows.indices)
        let split = HeldOutSplit(labels: labels, fraction: settings.heldOutFraction, seed: settings.seed)
        let plan = try TrainingPlan(dataset, training: split.training, settings: settings)
        announce(plan.residence.description)
        let judge = HeldOutJudge(plan, heldOut: split.heldOut, settings: settings, announce: announce)
        let before = try judge.metrics(nil)
        let fit = try fit(plan, interruption, progress)
        return Result(
            head: fit.state.head, losses: fit.losses.means, before: before, after: try judge.metrics(fit.state.head),
            trainingCount: split.training.count, heldOutCount: split.heldOut.count, batchSize: plan.batchSize,
            residence: plan.residence, leftOut: fit.leftOut / max(1, fit.losses.means.count),
            wasInterrupted: fit.wasInterrupted)
    }

    /// What the steps leave.
    private struct Fit {
        var state: TrainingState<ProjectionHead>
        var losses = EpochLosses()
        var leftOut = 0
        var wasInterrupted = false
    }

    /// Makes the steps of all epochs. The features that it reads go when it returns.
    private func fit(
        _ plan: TrainingPlan, _ interruption: Interruption, _ progress: ProgressHandler
    ) throws -> Fit {
        var fit = Fit(state: makeState(inputDimension: plan.dataset.space.dimension))
        let batches = try plan.batches(epochs: 0..<settings.epochs)
        defer { batches.stop() }
        fit.wasInterrupted = settings.epochs > 0
        while !interruption.isRequested, let batch = try batches.next() {
            let loss = try fit.state.step(features: batch.features, labels: batch.labels)
            if batch.index == 0 { fit.leftOut += batch.epoch.leftOut }
            let mean = fit.losses.add(loss, epoch: batch.epoch.number)
            report(batch, mean, progress)
            fit.wasInterrupted = !batch.isLast || batch.epoch.number < settings.epochs - 1
        }
        return fit
    }

    private func makeState(inputDimension: Int) -> TrainingState<ProjectionHead> {
        TrainingState(
            head: ProjectionHead(
                inputDimension: inputDimension, outputDimension: settings.outputDimension, seed: settings.seed),
            loss: TripletMarginLoss(), miner: TripletMarginMiner(),
            optimizer: Adam(learningRate: settings.learningRate))
    }

    private func report(_ batch: FeatureBatch, _ loss: Float, _ progress: ProgressHandler) {
        let (epoch, count) = (batch.epoch.number, batch.epoch.batchCount)
        progress(
            ProgressUpdate(
                activity: "training", done: epoch * count + batch.index + 1, total: settings.epochs * count,
                unit: "steps",
                note: "epoch \(epoch + 1)/\(settings.epochs), loss \(String(format: "%.4f", Double(loss)))"))
    }
}
