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

        /// Settings with Finetuner's defaults for all but the output dimension.
        public init(outputDimension: Int) { self.outputDimension = outputDimension }
    }

    /// What a run gives.
    public struct Result: Sendable {
        /// The trained head.
        public let head: ProjectionHead
        /// The mean loss of each epoch.
        public let losses: [Float]
        /// Retrieval among held-out pictures with the raw features; nil where none could be held out.
        public let before: RetrievalMetrics?
        /// The same with the head.
        public let after: RetrievalMetrics?
        /// Pictures trained on and held out.
        public let trainingCount, heldOutCount: Int
        /// The batch size that was used.
        public let batchSize: Int
        /// Whether the run was asked to stop before its last epoch.
        public let wasInterrupted: Bool
    }

    private let settings: Settings

    /// A trainer with `settings`.
    public init(_ settings: Settings) { self.settings = settings }

    /// Trains on `data`. Throws `InputError` where there are not two classes with enough pictures, or the loss leaves the
    /// finite numbers.
    public func train(
        _ data: LabeledFeatures, interruption: Interruption = Interruption(), progress: ProgressHandler
    ) throws -> Result {
        let split = HeldOutSplit(labels: data.labels, fraction: settings.heldOutFraction, seed: settings.seed)
        let before = try judge(nil, on: data, split)
        let training = data.features.rows(at: split.training)
        let labels = split.training.map { data.labels[$0] }
        let sampler = try makeSampler(labels)
        var state = TrainingState(
            head: ProjectionHead(
                inputDimension: training.columns, outputDimension: settings.outputDimension, seed: settings.seed),
            loss: TripletMarginLoss(), miner: TripletMarginMiner(),
            optimizer: Adam(learningRate: settings.learningRate))
        var losses: [Float] = []
        for epoch in 0..<settings.epochs where !interruption.isRequested {
            let batches = sampler.batches(epoch: epoch)
            var sum: Double = 0
            for (index, batch) in batches.enumerated() {
                let loss = try state.step(features: training.rows(at: batch), labels: batch.map { labels[$0] })
                sum += Double(loss)
                report(epoch, index + 1, batches.count, Float(sum / Double(index + 1)), progress)
            }
            losses.append(Float(sum / Double(max(batches.count, 1))))
        }
        return Result(
            head: state.head, losses: losses, before: before,
            after: try judge(state.head, on: data, split),
            trainingCount: split.training.count, heldOutCount: split.heldOut.count, batchSize: sampler.batchSize,
            wasInterrupted: losses.count < settings.epochs)
    }

    private func judge(
        _ head: ProjectionHead?, on data: LabeledFeatures, _ split: HeldOutSplit
    ) throws -> RetrievalMetrics? {
        split.heldOut.isEmpty ? nil : try Evaluator(head: head).metrics(of: data, rows: split.heldOut)
    }

    private func report(_ epoch: Int, _ done: Int, _ total: Int, _ loss: Float, _ progress: ProgressHandler) {
        let all = settings.epochs * total
        progress(
            ProgressUpdate(
                activity: "training", done: epoch * total + done, total: all, unit: "steps",
                note: "epoch \(epoch + 1)/\(settings.epochs), loss \(String(format: "%.4f", Double(loss)))"))
    }

    private func makeSampler(_ labels: [Int]) throws -> MPerClassSampler {
        let largest = MPerClassSampler.largestBatchSize(
            labels: labels, itemsPerClass: settings.itemsPerClass, limit: settings.batchSize)
        return try MPerClassSampler(
            labels: labels, itemsPerClass: settings.itemsPerClass, batchSize: largest ?? settings.batchSize,
            seed: settings.seed)
    }
}
