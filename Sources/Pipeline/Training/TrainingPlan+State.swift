import MetricLearning
import Tensors

extension TrainingPlan {
    /// The training of `head` before its first step. Throws `InputError` where a loss, a miner or an optimizer is described that
    /// there is not, or with a setting that cannot be used.
    func state(
        _ head: ProjectionHead, _ settings: HeadTrainer.Settings, group: (any ProcessGroup)? = nil
    ) throws -> TrainingState<ProjectionHead> {
        TrainingState(
            head: head,
            loss: try LossCatalog.loss(
                settings.loss, classes: dataset.classNames.count, dimension: settings.outputDimension,
                seed: settings.seed),
            miner: try settings.usedMiner.flatMap { try MinerCatalog.miner($0) },
            optimizer: try OptimizerCatalog.optimizer(settings.optimizer, learningRate: settings.baseRate),
            lossRateFactor: settings.lossRateFactor, largestNorm: settings.largestNorm,
            precision: settings.precision, group: group)
    }
}

extension HeadTrainer.Settings {
    /// The miner that is used: the given one, or `TripletMarginMiner` with a triplet loss, as Finetuner does.
    var usedMiner: ComponentDescription? {
        if let miner { return miner.name == "none" ? nil : miner }
        return loss.name == "TripletMarginLoss" ? ComponentDescription("TripletMarginMiner") : nil
    }
}
