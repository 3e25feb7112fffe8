import FeatureStorage
import Foundation
public import MetricLearning
public import Retrieval
public import Tensors

/// Stage two: trains a projection head on stored features.
///
/// What the run begins with is measured first: the raw features, and the projection of a residual head. After every epoch the
/// head is measured on the held-out pictures, and the best of all is kept.
public struct HeadTrainer: Sendable {
    /// What a run gives.
    public struct Result: Sendable {
        /// The head that is kept.
        public let head: ProjectionHead
        /// What it is.
        public let kept: KeptHead
        /// The shrinkage of the whitening projection; nil for another one or none.
        public let shrinkage: Double?
        /// The epochs, the state before training first.
        public let epochs: [EpochReport]
        /// The mean loss of each epoch; of the last one, the steps that were made where the run was interrupted.
        public let losses: [Float]
        /// Retrieval among held-out pictures with the raw features; nil where none could be held out.
        public let before: RetrievalMetrics?
        /// The same with the projection that a residual head begins with; nil for a plain head.
        public let projection: RetrievalMetrics?
        /// The same with the head that is kept.
        public let after: RetrievalMetrics?
        /// How pictures were held out.
        public let validation: ValidationChoice
        /// Pictures trained on and held out.
        public let trainingCount, heldOutCount: Int
        /// The batch size that was used.
        public let batchSize: Int
        /// Whether batches had several pictures of each class in them.
        public let isSampledByClass: Bool
        /// The classes that were trained on.
        public let classes: ClassSizes
        /// How many looks at each picture were trained on.
        public let views: Int
        /// Where the features were.
        public let residence: FeatureResidence
        /// Training pictures that an epoch had no place for, on average; 0 where features stayed in memory.
        public let leftOut: Int
        /// Whether the run was asked to stop before its last step.
        public let wasInterrupted: Bool
        /// What some of the held-out pictures find before and after; of a sweep's trials only the best has them.
        public internal(set) var examples: [RetrievalExample] = []
        /// What held-out pairs say where a head was trained on scored pairs; trainings on classes have none.
        public internal(set) var pairs: PairComparison?
    }

    private let settings: Settings
    private let earlier: ProjectionHead?
    private let group: (any ProcessGroup)?

    /// A trainer with `settings`. Where it is given a head, training goes on from its numbers, with optimizers that remember
    /// nothing; of the settings about a head's form only dropout counts then. The processes of a `group` train one head together,
    /// each on its rows of every batch; the first measures it.
    public init(
        _ settings: Settings, continuing earlier: ProjectionHead? = nil, group: (any ProcessGroup)? = nil
    ) {
        (self.settings, self.earlier, self.group) = (settings, earlier, group)
    }

    /// Trains on `dataset`, whose features are read as `Settings.memory` allows; `announce` is told how, and `run`, which
    /// is asked for when the settings and the pictures turned out to be of use, keeps the journal and checkpoints. Stops after the step in which `interruption` is requested. The result has what `examples` of the
    /// held-out pictures find. In a group, all processes have the same result, but only the first finds examples.
    ///
    /// Throws `InputError` where there are not two classes with enough pictures, where a setting cannot be used or the
    /// processor cannot do the precision, where the memory is too small, where a chunk is damaged, or where the loss leaves the
    /// finite numbers.
    public func train(
        _ dataset: FeatureDataset, run: @autoclosure () throws -> RunFolder? = nil, examples: Int = 0,
        interruption: Interruption = Interruption(), announce: (String) -> Void = { _ in }, progress: ProgressHandler
    ) throws -> Result {
        let ground = try TrainingGround(dataset, sharingMemory, continuing: earlier, announce: announce)
        // What cannot be trained takes the place of no run.
        let run = try run()
        var result = try ground.train(
            settings, on: ground.plan, run: run, group: group, interruption: interruption, progress: progress)
        guard group?.isFirst ?? true else { return result }
        result.examples = try ground.examples(examples, head: result.head, seed: settings.seed)
        if let run {
            let shown = examples > 0 ? result.examples : try ground.examples(3, head: result.head, seed: settings.seed)
            try run.conclude(result, examples: shown)
        }
        return result
    }

    /// The settings with the memory that falls to each process of this machine: as much as process 0 says, so that all have the
    /// same batches.
    private var sharingMemory: Settings {
        guard let group else { return settings }
        var shared = settings
        let own = (settings.memory ?? MemoryBudget.standard.bytes) / group.sizeOnThisMachine
        shared.memory = Int(String(decoding: group.broadcast(Data("\(own)".utf8)), as: UTF8.self))
        return shared
    }
}
