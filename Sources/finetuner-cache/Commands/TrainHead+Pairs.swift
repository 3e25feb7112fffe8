import ArgumentParser
import FeatureStorage
import Foundation
import MetricLearning
import Pipeline
import Tensors

/// Training on pairs with scores; returns whether it came to the end.
extension TrainHead {
    func train(
        onScored pairs: PicturePairs, _ settings: HeadTrainer.Settings, _ library: HeadLibrary, _ store: FeatureStore,
        _ space: FeatureSpace, name: String
    ) throws -> Bool {
        guard !runOptions.resume, head.continueFrom == nil else {
            throw InputError(
                "training on scored pairs", "begins anew each time",
                remedy: "Leave out --resume and --continue-from; it takes seconds.")
        }
        try requireOptionsOfScoredPairs()
        guard objective.isOfScoredPairs || objective.loss == ObjectiveOptions.usualLoss else {
            throw InputError(
                "--loss \(objective.loss)", "does not take scores of pairs",
                remedy: "Use CosineSimilarityLoss, or leave the third column out.")
        }
        let dataset = try FeatureDataset(store: store, space: space, mostViews: 1, pairs: pairs)
        let (interruption, meter) = (Interruption(), ProgressMeter())
        let signals = Signals(interruption)
        let result = try ScoredPairTrainer(settings).train(
            pairs, of: dataset,
            run: RunFolder(
                store: store, name: name, settings: settings.ofPairs, dataset: dataset, isResumed: false),
            interruption: interruption, progress: meter.show)
        meter.finish()
        withExtendedLifetime(signals) {}
        let record = try library.save(result, name: name, space: space, settings: settings.ofPairs)
        if runOptions.json { try JSONOutput.print(record) } else { print(TrainingSummary.text(ofPairs: record)) }
        sayWhatWasKept(record)
        return !result.wasInterrupted
    }

    /// Refuses options that would be passed over: a part of the pairs judges, by Spearman's correlation, and batches are of pairs.
    private func requireOptionsOfScoredPairs() throws {
        let chosenSet = if case .pictures = validation.validation { true } else { validation.validation == .classes }
        let others: [(name: String, isGiven: Bool)] = [
            ("--validation \(validation.validation)", chosenSet),
            ("--validation-index", validation.validationIndex != nil), ("--monitor", validation.monitor != "map@r"),
            ("--sampler", batches.sampler != .auto), ("--examples", runOptions.examples > 0),
            ("--memory", runOptions.memory != nil),
            ("--miner", objective.miner.map { $0.name != "none" } ?? false),
        ]
        guard let given = others.first(where: \.isGiven) else { return }
        throw InputError(
            given.name, "says nothing of scored pairs, a part of which judges by Spearman's correlation",
            remedy: "Leave it out; --held-out says how many are held out.")
    }
}
