import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Merge: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring the features and listings of several stores together in one.",
        discussion: """
            Sealed segments are linked where the file system can, and take no space twice; nothing is encoded again; a content \
            that several stores have comes in once. The stores that are merged are not changed. Where they say different \
            things of a path, the merged store's own word counts, then the first store's, and so on; such conflicts are \
            reported. Can be run again, after an interruption or when the stores have grown. Heads are not merged.
            """)

    @Argument(help: "The stores to merge.", completion: .directory)
    var stores: [String]

    @Option(help: "The store that they go into; made where it is not there.", completion: .directory)
    var into: String

    @Flag(help: "Keep the features of several networks in the merged store.")
    var addSpace = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        for path in stores { StoreOptions.warnOfNetwork(path, writing: false) }
        StoreOptions.warnOfNetwork(into, writing: true)
        let meter = ProgressMeter()
        let report = try StoreMerge(stores, into: into, otherSpaces: addSpace ? .add : .refuse).run { done, total in
            meter.show(ProgressUpdate(activity: "merging", done: done, total: total, unit: "stores"))
        }
        meter.finish()
        if json { return try JSONOutput.print(Answer(store: into, report: report)) }
        print(
            """
            \(into): \(Formats.count(report.pictures, "picture")); \(Formats.count(report.features, "feature")) came in, \
            \(report.duplicates) were there already
            \(Formats.count(report.segmentsLinked, "segment")) linked, \(report.segmentsCopied) copied, \
            \(Formats.count(report.chunksAppended, "chunk")) appended
            """)
        let kinds = [
            ("has the label", report.conflictingLabels), ("is in the split", report.conflictingSplits),
            ("is the picture", report.conflictingContents),
        ]
        for (verb, conflicts) in kinds { for conflict in conflicts.prefix(10) { warn(conflict, verb) } }
        let more = kinds.reduce(0) { $0 + max(0, $1.1.count - 10) }
        if more > 0 { Console.note("… and \(more) more conflicts; --json lists all") }
    }

    private func warn(_ conflict: StoreMerge.Conflict, _ verb: String) {
        let (kept, other) = (conflict.kept ?? "none", conflict.other ?? "none")
        Console.warning("\(conflict.path): \(verb) \(kept); \(conflict.store) says \(other)")
    }

    private struct Answer: Encodable {
        let schema = 1
        let store: String
        let report: StoreMerge.Report
    }
}
