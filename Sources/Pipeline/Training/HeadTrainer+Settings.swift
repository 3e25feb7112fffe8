public import MetricLearning
public import Tensors

extension HeadTrainer {
    /// What decides a training run; equal settings and features give equal heads, bit by bit, on one machine, with any number
    /// of threads.
    public struct Settings: Sendable, Hashable, Codable {
        /// The length of an embedding.
        public var outputDimension: Int
        /// What the head begins with.
        public var head = HeadKind.residual
        /// The form of its trainable layers.
        public var architecture = HeadArchitecture()
        /// How much of the trainable layers' output a residual head adds to the projection.
        public var residualWeight: Float = 1
        /// The shrinkage of the whitening projection; nil to choose among `WithinClassWhitening.shrinkages` by held-out
        /// pictures.
        public var shrinkage: Double?

        /// SHA-256 of the file of the head that training goes on from; nil for a fresh one.
        public var continuedFrom: Fingerprint?

        /// The loss, its miner and its memory, under pytorch-metric-learning's names.
        public var loss = ComponentDescription("TripletMarginLoss")
        /// The miner; nil for the one that is usual with the loss: `TripletMarginMiner` with a triplet loss, else none.
        public var miner: ComponentDescription?
        /// The optimizer, under PyTorch's names.
        public var optimizer = ComponentDescription("Adam")
        /// The optimizer's step size; nil for the one that suits the head.
        public var learningRate: Double?
        /// How many times the learning rate that of a loss's own weights is.
        public var lossRateFactor = 10.0
        /// How the learning rate changes over the run, under the names of Hugging Face's transformers.
        public var schedule = ComponentDescription("constant")
        /// How long the learning rate rises at the beginning.
        public var warmup = Warmup.none
        /// Whether the learning rate changes by batch or by epoch.
        public var scheduleInterval = ScheduleInterval.batch
        /// The largest global norm of the gradients; nil for no limit.
        public var largestNorm: Double?
        /// In which numbers products are computed.
        public var precision = TrainingPrecision.f32

        /// How often the whole training set is gone through at most.
        public var epochs = 20
        /// Pictures a step; fewer are taken where there are not enough classes.
        public var batchSize = 128
        /// Pictures of one class in a batch.
        public var itemsPerClass = 4
        /// How batches are drawn.
        public var sampler = SamplerChoice.auto
        /// Decides initial weights, held-out pictures and batches.
        public var seed: UInt64 = 0

        /// Which pictures judge.
        public var validation = ValidationChoice.automatic
        /// The pictures that those are searched in; nil for each other.
        public var validationIndex: PictureSet?
        /// The part of the classes, or of every class, that judges; 0 for none.
        public var heldOutFraction = 0.2
        /// What decides which epoch is the best.
        public var monitor = "map@r"
        /// After how many epochs without a better one training ends; nil to make all epochs.
        public var patience: Int? = 5
        /// By how much an epoch has to be better to count.
        public var minimumDelta = 0.0
        /// What an epoch has to be better than instead of the best so far.
        public var baseline: Double?
        /// Whether the trained head is kept although the features it began with find held-out pictures better.
        public var keepsTrained = false
        /// Bytes that decoded features may take, which decides whether they stay in memory or how many are in a pool; nil for
        /// half of the machine's memory.
        public var memory: Int?

        /// Settings with their defaults for all but the output dimension.
        public init(outputDimension: Int) { self.outputDimension = outputDimension }

        /// The step size at the beginning.
        public var baseRate: Double { learningRate ?? head.learningRate }
    }
}
