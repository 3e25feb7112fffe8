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
        guard objective.isOfScoredPairs || objective.loss == ObjectiveOptions.usualLoss else {
            throw InputError(
                "--loss \(objective.loss)", "does not take scores of pairs",
                remedy: "Use CosineSimilarityLoss, or leave the third column out.")
        }
        let dataset = try FeatureDataset(store: store, space: space, mostViews: 1, pairs: pairs)
        let folder = try RunFolder(
            store: store, name: name, settings: settings.ofPairs, dataset: dataset, isResumed: false)
        let (interruption, meter) = (Interruption(), ProgressMeter())
        let signals = Signals(interruption)
        let result = try ScoredPairTrainer(settings).train(
            pairs, of: dataset, run: folder, interruption: interruption, progress: meter.show)
        meter.finish()
        withExtendedLifetime(signals) {}
        let record = try library.save(result, name: name, space: space, settings: settings.ofPairs)
        if runOptions.json { try JSONOutput.print(record) } else { print(TrainingSummary.text(ofPairs: record)) }
        sayWhatWasKept(record)
        return !result.wasInterrupted
    }
}
