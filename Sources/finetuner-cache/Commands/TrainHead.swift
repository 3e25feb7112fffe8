import ArgumentParser
import FeatureStorage
import Foundation
import MetricLearning
import Pipeline
import Tensors

struct TrainHead: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "train-head",
        abstract: "Train a 3-layer projection head on the stored features.",
        discussion: """
            The default head projects the features by within-class whitening, fitted in closed form, and adds three layers \
            (Linear-BatchNorm-ReLU twice, then Linear-BatchNorm) that begin with 0. --head plain is the three layers alone, \
            as in Finetuner: on classes that it was not trained on it is worse than the features that it was given.

            Part of the pictures is held out. The raw features, the projection and the head after every epoch are measured \
            on them, and the best is what is kept.

            Losses, miners and optimizers have the names, settings and numbers of pytorch-metric-learning and PyTorch: \
            --loss 'TripletMarginLoss(margin=0.2)'. 'finetuner-cache losses' lists them.
            """)

    @OptionGroup var source: SpaceOptions
    @OptionGroup(title: "Head") var head: HeadFormOptions
    @OptionGroup(title: "Loss and optimizer") var objective: ObjectiveOptions
    @OptionGroup(title: "Batches") var batches: BatchOptions
    @OptionGroup(title: "Validation") var validation: ValidationOptions
    @OptionGroup(title: "Sweep") var sweepOptions: SweepOptions
    @OptionGroup(title: "Run") var runOptions: RunOptions

    func validate() throws {
        guard batches.pairs == nil || sweepOptions.sweep.isEmpty else {
            throw ValidationError("--pairs is of one training: not with --sweep.")
        }
        guard batches.pairs != nil || !objective.isOfScoredPairs else {
            throw ValidationError(
                "CosineSimilarityLoss takes pairs: give --pairs a table with two pictures and a score a row.")
        }
        guard sweepOptions.sweep.isEmpty || !runOptions.resume else {
            throw ValidationError("--resume goes on with one training: not with --sweep.")
        }
        guard head.outputDimension == nil, head.continueFrom == nil else { return }
        throw ValidationError(
            """
            --output-dim is missing. Every layer of the backbone is frozen, so without a projection head of a chosen \
            size there would be nothing to train. Try --output-dim 512.
            """)
    }

    /// The settings that the options describe, for training to go on from `earlier` where it is given.
    private func settings(continuing earlier: LoadedHead?) -> HeadTrainer.Settings {
        var settings = HeadTrainer.Settings(
            outputDimension: head.outputDimension ?? earlier?.head.outputDimension ?? 0)
        settings.continuedFrom = earlier?.file
        head.apply(to: &settings)
        objective.apply(to: &settings)
        batches.apply(to: &settings)
        validation.apply(to: &settings)
        settings.memory = runOptions.memory?.bytes
        return settings
    }

    func run() throws {
        let group = try processGroup()
        let isDone = try train(in: group)
        group?.finish()
        if !isDone { throw ExitCode.interrupted }
    }

    /// Trains, alone or with other processes, of which the first saves and tells. Returns whether it came to the end.
    private func train(in group: (any ProcessGroup)?) throws -> Bool {
        let (store, space) = try source.open()
        let library = HeadLibrary(store: store)
        try library.requireWritable()
        let (name, lock) = try name(in: store, group)
        defer { withExtendedLifetime(lock) {} }
        try requireFreeTrials(name, library)
        let earlier = try head.continueFrom.map { try library.load($0, for: space) }
        let settings = settings(continuing: earlier)
        let pairs = try batches.pairs.map { try PicturePairs(path: $0, of: store.pictures(in: space)) }
        if let pairs, pairs.isScored || objective.isOfScoredPairs {
            try requireOneProcess(group)
            return try train(onScored: pairs, settings, library, store, space, name: name)
        }
        let dataset = try dataset(store, space, pairs)
        sayWhatIsLeftOut(dataset)
        let (interruption, meter) = (Interruption(), ProgressMeter())
        let signals = Signals(interruption)
        let trials = try train(settings, earlier?.head, dataset, store, name: name, group, interruption, meter)
        meter.finish()
        withExtendedLifetime(signals) {}
        guard let best = HeadSweep.best(of: trials) ?? trials.indices.first, let result = trials[best].result else {
            return false
        }
        let isDone = trials.count >= sweepOptions.count && !(trials.contains { $0.result?.wasInterrupted ?? false })
        guard group?.isFirst ?? true else { return isDone }
        try report(result, of: trials, best: best, library, name: name, space)
        if !isDone {
            let advice =
                sweepOptions.sweep.isEmpty
                ? "; go on with the same command and --resume --replace --name \(name)"
                : "; the best so far is kept: sweep anew with --replace --name \(name)"
            Console.note("interrupted\(advice)")
        }
        return isDone
    }

    /// The runs of a sweep have names of their own, which may be those of heads.
    private func requireFreeTrials(_ name: String, _ library: HeadLibrary) throws {
        guard !sweepOptions.sweep.isEmpty, !runOptions.replace else { return }
        let trials = Set((1...sweepOptions.count).map { "\(name).\($0)" })
        guard let taken = library.names().first(where: trials.contains) else { return }
        throw InputError(
            "head '\(taken)'", "has the name of a run of this sweep", remedy: "Choose another --name, or use --replace."
        )
    }

    private func dataset(
        _ store: FeatureStore, _ space: FeatureSpace, _ pairs: PicturePairs?
    ) throws -> FeatureDataset {
        let views = batches.views ?? .max
        guard let pairs else { return try FeatureDataset(store: store, space: space, mostViews: views) }
        let dataset = try FeatureDataset(store: store, space: space, mostViews: views, pairs: pairs)
        Console.note(
            "\(Formats.count(pairs.count, "pair")) link \(Formats.count(dataset.count, "picture")) to \(Formats.count(dataset.classNames.count, "class", "classes"))"
        )
        return dataset
    }

    /// One training, or all of a sweep, each with its run folder.
    private func train(
        _ settings: HeadTrainer.Settings, _ earlier: ProjectionHead?, _ dataset: FeatureDataset, _ store: FeatureStore,
        name: String, _ group: (any ProcessGroup)?, _ interruption: Interruption, _ meter: ProgressMeter
    ) throws -> [HeadSweep.Trial] {
        guard !sweepOptions.sweep.isEmpty else {
            let result = try HeadTrainer(settings, continuing: earlier, group: group).train(
                dataset,
                run: RunFolder(
                    store: store, name: name, settings: settings, dataset: dataset, isResumed: runOptions.resume,
                    isReader: !(group?.isFirst ?? true)), examples: runOptions.examples, interruption: interruption,
                announce: Console.note, progress: meter.show)
            return [HeadSweep.Trial(settings: settings, outcome: .success(result), seconds: 0)]
        }
        let sweep = HeadSweep(
            settings, losses: sweepOptions.losses, learningRates: sweepOptions.learningRates, continuing: earlier)
        let fingerprint = try dataset.fingerprint()
        return try sweep.train(
            dataset, examples: runOptions.examples, interruption: interruption,
            run: { trial, settings in
                try RunFolder(
                    store: store, name: "\(name).\(trial + 1)", settings: settings, space: dataset.space,
                    dataset: fingerprint, isResumed: false)
            }, announce: Console.note, progress: meter.show)
    }

    /// Saves the best head and says what was done.
    private func report(
        _ result: HeadTrainer.Result, of trials: [HeadSweep.Trial], best: Int, _ library: HeadLibrary, name: String,
        _ space: FeatureSpace
    ) throws {
        sayHowBatchesWere(result)
        let record = try library.save(result, name: name, space: space, settings: trials[best].settings)
        if runOptions.json {
            try JSONOutput.print(Answer(record: record, trials: trials, examples: result.examples))
        } else {
            if !sweepOptions.sweep.isEmpty { print(SweepSummary.text(trials, best: best)) }
            print(TrainingSummary.text(record, classes: result.classes.count))
            if !result.examples.isEmpty { print(TrainingSummary.text(result.examples)) }
        }
        sayWhatWasKept(record)
    }

    /// The record, with the trials of a sweep and the examples where there are some.
    private struct Answer: Encodable {
        let record: HeadRecord
        let trials: [HeadSweep.Trial]
        let examples: [RetrievalExample]

        private enum CodingKeys: CodingKey { case examples, trials }

        func encode(to encoder: any Encoder) throws {
            try record.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            if !examples.isEmpty { try container.encode(examples, forKey: .examples) }
            if trials.count > 1 { try container.encode(trials.map(SweepSummary.Entry.init), forKey: .trials) }
        }
    }
}
