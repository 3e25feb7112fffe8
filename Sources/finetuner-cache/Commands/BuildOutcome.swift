import FeatureStorage
import Foundation
import Pipeline
import Tensors

/// What `build` prints.
struct BuildOutcome: Encodable {
    struct Failure: Encodable {
        let path: String
        let reason: String
    }

    let schema = 1
    let store: String
    let space: String
    let fingerprint: String
    /// `I/N` where only a part was built.
    let shard: String?
    let pictures: Int
    let extracted: Int
    let unchanged: Int
    let duplicates: Int
    let relabeled: Int
    let removed: Int
    let failed: [Failure]
    let interrupted: Bool
    let seconds: Double
    let secondsWaitingForPictures: Double
    let picturesPerSecond: Double
    let bytesPerPicture: Double?

    init(_ report: BuildReport, _ summary: SpaceSummary?, store: String, space: FeatureSpace, shard: BuildShard?) {
        self.store = store
        self.space = space.name
        fingerprint = space.fingerprint.hex
        self.shard = shard?.description
        pictures = report.listed
        extracted = report.extracted
        unchanged = report.unchanged
        duplicates = report.duplicates
        relabeled = report.relabeled
        removed = report.removed
        failed = report.failures.map { Failure(path: $0.path, reason: $0.reason) }
        interrupted = report.wasInterrupted
        seconds = report.seconds
        secondsWaitingForPictures = report.secondsWaiting
        picturesPerSecond = report.seconds > 0 ? Double(report.extracted) / report.seconds : 0
        bytesPerPicture = summary.flatMap { $0.rows > 0 ? Double($0.storedBytes) / Double($0.rows) : nil }
    }

    /// Two lines for a person.
    var text: String {
        var parts = ["\(extracted) new", "\(unchanged) unchanged"]
        for (number, word) in [
            (duplicates, "of known content"), (relabeled, "relabeled"), (removed, "no longer there"),
        ]
        where number > 0 { parts.append("\(number) \(word)") }
        if !failed.isEmpty { parts.append("\(failed.count) failed") }
        var lines = [
            "\(Formats.count(pictures, "picture"))\(shard.map { " of shard \($0)" } ?? ""): \(parts.joined(separator: ", "))\(interrupted ? " (interrupted)" : "")"
        ]
        var speed = "\(Formats.seconds(seconds))"
        if extracted > 0 { speed += String(format: ", %.1f pictures/s", picturesPerSecond) }
        if let bytesPerPicture { speed += String(format: "; %.0f bytes a feature in %@", bytesPerPicture, store) }
        lines.append(speed)
        return lines.joined(separator: "\n")
    }
}
