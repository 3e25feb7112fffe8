import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors

/// Trains a head on pairs of pictures that say how alike they are, with `CosineSimilarityLoss`.
///
/// A part of the pairs is held out: by Spearman's correlation of their cosines and scores the features, a principal component projection
/// and every epoch are compared, and the best is kept.
public struct ScoredPairTrainer: Sendable {
    private let settings: HeadTrainer.Settings

    /// The monitored metric's name in records.
    public static let monitor = "spearman"

    /// A trainer with `settings`; of those about losses, miners, samplers and validation only the part that is held out counts.
    public init(_ settings: HeadTrainer.Settings) {
        self.settings = settings.ofPairs
    }

    /// Trains on `pairs`, whose pictures `dataset` has. Stops after the step in which `interruption` is requested.
    ///
    /// Throws `InputError` where a setting cannot be used, where the loss leaves the finite numbers, and where the pairs have no scores;
    /// and the reader's error about a damaged chunk.
    public func train(
        _ pairs: PicturePairs, of dataset: FeatureDataset, run: @autoclosure () throws -> RunFolder? = nil,
        interruption: Interruption = Interruption(),
        progress: ProgressHandler
    ) throws -> HeadTrainer.Result {
        guard pairs.isScored else {
            throw InputError("CosineSimilarityLoss", "needs pairs with scores", remedy: "Give a third column.")
        }
        let scored = try ScoredPairs(
            pairs, of: dataset, heldOutFraction: settings.heldOutFraction, seed: settings.seed,
            threads: AvailableProcessors.count)
        var training = try ScoredPairTraining(scored, settings)
        let run = try run()
        try training.run(run, interruption, progress)
        let result = training.result(of: dataset)
        try run?.conclude(result)
        return result
    }
}

extension HeadTrainer.Settings {
    /// These settings as a record of training on scored pairs has them.
    public var ofPairs: HeadTrainer.Settings {
        var settings = self
        settings.loss = ComponentDescription("CosineSimilarityLoss")
        if settings.validation == .none { settings.heldOutFraction = 0 }
        (settings.monitor, settings.miner, settings.validation) = (ScoredPairTrainer.monitor, nil, .items)
        return settings
    }
}
