import Foundation
import MetricLearning
import Tensors

/// A run between two steps, on the disk: heads as any head's file, the optimizers' and the loss's numbers as another
/// safetensors file, and the rest as JSON with the SHA-256 of each.
struct TrainingCheckpoint {
    private let snapshot: TrainingSnapshot
    private let bestHead: ProjectionHead?
    private let counters: Counters

    /// What is kept as JSON.
    private struct Counters: Codable {
        let epoch, batch, leftOut: Int
        let losses: EpochLosses
        let reports: [EpochReport]
        let bestEpoch: Int?
        let bestValue: Double?
        let stopping: EarlyStopping?
        let hasStopped: Bool
        let steps: Int
        /// By file name.
        var checksums: [String: Fingerprint] = [:]
    }

    private static let (head, best, numbers, facts) = (
        "head.safetensors", "best.safetensors", "optimizer.safetensors", "progress.json"
    )

    /// The checkpoint of a run as it is.
    init(_ progress: TrainingProgress) {
        snapshot = progress.state.snapshot
        bestHead = progress.best?.head
        counters = Counters(
            epoch: progress.epoch, batch: progress.batch, leftOut: progress.leftOut, losses: progress.losses,
            reports: progress.reports, bestEpoch: progress.best?.epoch, bestValue: progress.best?.value,
            stopping: progress.stopping, hasStopped: progress.hasStopped, steps: progress.state.steps)
    }

    /// Puts the run where it was. Throws `InputError` where the checkpoint is of a run with other settings.
    func restore(_ progress: inout TrainingProgress) throws {
        try progress.state.restore(snapshot)
        (progress.epoch, progress.batch) = (counters.epoch, counters.batch)
        (progress.losses, progress.reports, progress.leftOut) = (counters.losses, counters.reports, counters.leftOut)
        (progress.stopping, progress.hasStopped) = (counters.stopping, counters.hasStopped)
        if let bestHead, let epoch = counters.bestEpoch, let value = counters.bestValue {
            progress.best = (progress.state.head.taking(numbersOf: bestHead), epoch, value)
        }
    }

    /// The epochs that had ended.
    var reports: [EpochReport] { counters.reports }

    /// Writes the checkpoint to the folder `path`, as a whole or not at all.
    func write(to path: String) throws {
        var counters = counters
        var files = [
            Self.head: try HeadFile(head: snapshot.head).encoded(), Self.numbers: try SnapshotTensors.encoded(snapshot),
        ]
        if let bestHead { files[Self.best] = try HeadFile(head: bestHead).encoded() }
        counters.checksums = files.mapValues { Fingerprint(of: $0) }
        files[Self.facts] = try CanonicalJSON.encode(counters, pretty: true)
        try AtomicFolder.write(path) { folder in
            for (name, data) in files.sorted(by: { $0.key < $1.key }) {
                try AtomicFile.write(data, to: "\(folder)/\(name)")
            }
        }
    }

    /// Reads the checkpoint in the folder `path`; nil where there is none. Throws `InputError` where it is damaged.
    init?(at path: String) throws {
        guard let data = FileManager.default.contents(atPath: "\(path)/\(Self.facts)") else { return nil }
        guard let counters = try? JSONDecoder().decode(Counters.self, from: data) else {
            throw Self.damaged("\(path)/\(Self.facts)", "it is not what train-head writes")
        }
        for (name, checksum) in counters.checksums {
            let file = "\(path)/\(name)"
            guard try Fingerprint(ofFileAt: file) == checksum else { throw Self.damaged(file, "its SHA-256 differs") }
        }
        let head = try HeadFile(path: "\(path)/\(Self.head)").head
        snapshot = try SnapshotTensors.snapshot(
            try SafetensorsFile(path: "\(path)/\(Self.numbers)"), head: head, steps: counters.steps)
        bestHead = counters.bestEpoch == nil ? nil : try HeadFile(path: "\(path)/\(Self.best)").head
        self.counters = counters
    }

    private static func damaged(_ path: String, _ fact: String) -> InputError {
        InputError(path, "is damaged: \(fact)", remedy: "Train again without --resume.")
    }
}
