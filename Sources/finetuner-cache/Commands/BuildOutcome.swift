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

    struct Space: Encodable {
        let name: String
        let fingerprint: String
        let bytesPerPicture: Double?

        init(_ summary: SpaceSummary) {
            name = summary.space.name
            fingerprint = summary.space.fingerprint.hex
            bytesPerPicture = summary.rows > 0 ? Double(summary.storedBytes) / Double(summary.rows) : nil
        }
    }

    let schema = 1
    let store: String
    /// The first space, and all of them.
    let space: String
    let fingerprint: String
    let spaces: [Space]
    /// `I/N` where only a part was built.
    let shard: String?
    let pictures: Int
    let extracted: Int
    let unchanged: Int
    let duplicates: Int
    let relabeled: Int
    let resplit: Int
    let removed: Int
    let failed: [Failure]
    let interrupted: Bool
    let seconds: Double
    let secondsWaitingForPictures: Double
    let picturesPerSecond: Double
    let bytesPerPicture: Double?

    init(_ report: BuildReport, _ summaries: [SpaceSummary], store: String, shard: BuildShard?) {
        self.store = store
        spaces = summaries.map(Space.init)
        space = spaces.first?.name ?? ""
        fingerprint = spaces.first?.fingerprint ?? ""
        self.shard = shard?.description
        pictures = report.listed
        extracted = report.extracted
        unchanged = report.unchanged
        duplicates = report.duplicates
        relabeled = report.relabeled
        resplit = report.resplit
        removed = report.removed
        failed = report.failures.map { Failure(path: $0.path, reason: $0.reason) }
        interrupted = report.wasInterrupted
        seconds = report.seconds
        secondsWaitingForPictures = report.secondsWaiting
        picturesPerSecond = report.seconds > 0 ? Double(report.extracted) / report.seconds : 0
        bytesPerPicture = spaces.first?.bytesPerPicture
    }

    /// Two lines for a person.
    var text: String {
        var parts = ["\(extracted) new", "\(unchanged) unchanged"]
        for (number, word) in [
            (duplicates, "of known content"), (relabeled, "relabeled"), (resplit, "in another split"),
            (removed, "no longer there"),
        ]
        where number > 0 { parts.append("\(number) \(word)") }
        if !failed.isEmpty { parts.append("\(failed.count) failed") }
        var lines = [
            "\(Formats.count(pictures, "picture"))\(shard.map { " of shard \($0)" } ?? ""): \(parts.joined(separator: ", "))\(interrupted ? " (interrupted)" : "")"
        ]
        var speed = "\(Formats.seconds(seconds))"
        if extracted > 0 { speed += String(format: ", %.1f pictures/s", picturesPerSecond) }
        let bytes = spaces.compactMap(\.bytesPerPicture).map { String(format: "%.0f", $0) }
        if !bytes.isEmpty { speed += "; \(bytes.joined(separator: " and ")) bytes a feature in \(store)" }
        lines.append(speed)
        return lines.joined(separator: "\n")
    }
}
