public import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
public import Tensors

/// The folder of a training run in its store, `runs/NAME`: its settings, its metrics by epoch, the last checkpoint, and what came
/// of it.
public final class RunFolder {
    /// What makes a run the same one.
    private struct Identity: Codable, Hashable {
        var schema = 1
        let space: Fingerprint
        let dataset: Fingerprint
        let settings: HeadTrainer.Settings
    }

    /// The folder's path.
    public let path: String
    private let journal: RunJournal<EpochReport>
    private let events: EventFile
    private var lastSave = ContinuousClock.now
    private let isReader, wasResumed: Bool

    /// How long a run goes on between two checkpoints.
    private static let interval = Duration.seconds(30)

    /// Begins the run `name`, or goes on with it where `isResumed`.
    ///
    /// Throws `InputError` where there is nothing to go on with, where the run has other settings or features, and where the
    /// folder cannot be written. A reader, such as a process that trains with the one that writes, goes on from what is there and
    /// changes nothing.
    public convenience init(
        store: FeatureStore, name: String, settings: HeadTrainer.Settings, dataset: FeatureDataset, isResumed: Bool,
        isReader: Bool = false
    ) throws {
        try self.init(
            store: store, name: name, settings: settings, space: dataset.space, dataset: dataset.fingerprint(),
            isResumed: isResumed, isReader: isReader)
    }

    /// The same with the fingerprint of the dataset, for several runs on one.
    public init(
        store: FeatureStore, name: String, settings: HeadTrainer.Settings, space: FeatureSpace, dataset: Fingerprint,
        isResumed: Bool, isReader: Bool = false
    ) throws {
        self.isReader = isReader
        wasResumed = isResumed
        path = "\(store.runsFolder)/\(name)"
        let identity = Identity(space: space.fingerprint, dataset: dataset, settings: settings)
        if isResumed {
            try Self.check(identity, at: path)
        } else if !isReader {
            try Self.make(store.runsFolder)
            try AtomicFolder.write(path) { folder in
                try AtomicFile.write(CanonicalJSON.encode(identity, pretty: true), to: "\(folder)/config.json")
            }
        }
        journal = RunJournal(path: "\(path)/metrics.jsonl")
        events = EventFile(folder: path)
    }

    /// Makes the folder of all runs where it is missing.
    static func make(_ folder: String) throws {
        guard mkdir(folder, 0o755) != 0, errno != EEXIST else { return }
        throw InputError(
            folder, "cannot be made: \(InputError.systemReason)",
            remedy: "Copy the store to a place where you may write.")
    }

    private static func check(_ identity: Identity, at path: String) throws {
        let file = "\(path)/config.json"
        guard let data = FileManager.default.contents(atPath: file) else {
            throw InputError(path, "is no run that can be gone on with", remedy: "Train without --resume.")
        }
        guard let found = try? JSONDecoder().decode(Identity.self, from: data) else {
            throw InputError(file, "is damaged or of another version", remedy: "Train without --resume.")
        }
        guard found.dataset == identity.dataset, found.space == identity.space else {
            throw InputError(path, "was trained on other pictures", remedy: "Train without --resume.")
        }
        guard try CanonicalJSON.encode(found.settings) == CanonicalJSON.encode(identity.settings) else {
            throw InputError(
                path, "was started with other settings", remedy: "Use those in \(file), or train without --resume.")
        }
    }

    /// The last checkpoint of the run that is gone on with; nil before its first, and for a fresh run: what lies there is another's.
    /// The journal and the event file then end where the checkpoint does.
    func checkpoint() throws -> TrainingCheckpoint? {
        guard wasResumed else { return nil }
        let checkpoint = try TrainingCheckpoint(at: "\(path)/checkpoint")
        if !isReader {
            let reports = checkpoint?.reports ?? []
            try journal.truncate(to: reports.count)
            try events.write(reports.map(\.event))
        }
        return checkpoint
    }

    /// Adds an epoch to those before, in the journal and in the event file.
    func append(_ report: EpochReport) throws {
        guard !isReader else { return }
        try journal.append(report)
        try events.append(report.event)
    }

    /// Writes what came of the run: `metrics.json`, and in the event file what `examples` find before and after.
    func conclude(_ result: HeadTrainer.Result, examples: [RetrievalExample] = []) throws {
        try AtomicFile.write(CanonicalJSON.encode(RunSummary(result), pretty: true), to: "\(path)/metrics.json")
        let pictures = ExampleGrid.pictures(examples)
        guard !pictures.isEmpty, let last = result.epochs.last else { return }
        var event = EventFile.Event(step: last.steps, time: last.time)
        for (number, picture) in pictures.enumerated() { event.pictures["before_and_after/\(number + 1)"] = picture }
        try events.append(event)
    }

    /// Writes a checkpoint; unless `always`, only where the last one is some time ago.
    func save(_ progress: TrainingProgress, always: Bool) throws {
        guard !isReader, always || ContinuousClock.now - lastSave > Self.interval else { return }
        try TrainingCheckpoint(progress).write(to: "\(path)/checkpoint")
        lastSave = .now
    }
}

extension EpochReport {
    fileprivate var event: EventFile.Event { EventFile.Event(step: steps, time: time, scalars: scalars) }

    /// The values that a chart shows, by name.
    var scalars: [String: Double] {
        var values: [String: Double] = [:]
        if let loss { values["train/loss"] = Double(loss) }
        if let learningRate { values["train/learning_rate"] = learningRate }
        if let metrics {
            values["held_out/map@r"] = metrics.meanAveragePrecisionAtR
            values["held_out/precision@1"] = metrics.precisionAt1
            values["held_out/mrr"] = metrics.meanReciprocalRank
        } else if let monitored {
            values["held_out/monitored"] = monitored
        }
        return values
    }
}
