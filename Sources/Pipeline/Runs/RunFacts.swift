import Foundation
import Retrieval
import Tensors

/// What a run folder says of a training, while it goes on too.
public struct RunFacts: Sendable {
    /// The run's name.
    public let name: String
    /// The settings that decide it, by the names of their places.
    public let settings: [String: String]
    /// The epochs so far, the state before training first.
    public let epochs: [EpochReport]
    /// Metrics by name in the tables raw, projection, head and training; nil until the run has ended.
    public let summary: [String: [String: Double]]?
    /// Whether it has not ended and was written to in the last two minutes.
    public let isRunning: Bool

    /// After so many seconds without an epoch or a checkpoint, which a run writes every half minute, it is taken to have been killed.
    private static let longestSilence = 120.0

    /// The names of a store's runs, sorted.
    public static func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).filter { !$0.hasPrefix(".") }.sorted()
    }

    /// Reads the run `name` in a store's folder of runs. Throws `InputError` where there is none or a file of it is damaged.
    public init(name: String, in folder: String) throws {
        try HeadLibrary.check(name: name)
        let path = "\(folder)/\(name)"
        guard let data = FileManager.default.contents(atPath: "\(path)/config.json"),
            let config = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { throw InputError("run '\(name)'", "is not there, or is damaged", remedy: "Choose another.") }
        self.name = name
        settings = Dictionary(Self.flattened(config["settings"] ?? [:], "")) { first, _ in first }
        epochs = try RunJournal<EpochReport>(path: "\(path)/metrics.jsonl").records()
        summary =
            FileManager.default.contents(atPath: "\(path)/metrics.json")
            .flatMap { try? JSONDecoder().decode(RunSummary.self, from: $0) }?.tables
        isRunning = summary == nil && Self.silence(path) < Self.longestSilence
    }

    /// Seconds since something in the folder was written.
    private static func silence(_ path: String) -> Double {
        let times = ["config.json", "metrics.jsonl", "checkpoint"].compactMap { name in
            try? FileManager.default.attributesOfItem(atPath: "\(path)/\(name)")[.modificationDate] as? Date
        }
        return times.map { -$0.timeIntervalSinceNow }.min() ?? .infinity
    }

    /// The leaves of a JSON object by the names of their places, such as `architecture.dropout`.
    static func flattened(_ value: Any, _ prefix: String) -> [(String, String)] {
        switch value {
        case let object as [String: Any]:
            object.flatMap { flattened($0.value, prefix.isEmpty ? $0.key : "\(prefix).\($0.key)") }
        case is NSNull: []
        default: [(prefix, "\(value)")]
        }
    }
}
