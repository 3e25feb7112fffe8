import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct GC: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gc",
        abstract: "Take features that no listed picture has any more out of the store.",
        discussion: """
            Shows what it would do; with --apply it does it. A segment is written anew where more than --threshold of its \
            rows are garbage: features of pictures that are no longer listed, and features that the store has twice.
            """)

    @OptionGroup var store: StoreOptions

    @Flag(help: "Do it.")
    var apply = false

    @Option(help: "The part of a segment's rows, 0 to 1, above which it is written anew.")
    var threshold = 0.3

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard (0...1).contains(threshold) else { throw ValidationError("--threshold must be from 0 to 1.") }
    }

    func run() throws {
        store.warnOfNetwork(writing: apply)
        let collection = GarbageCollection(path: store.path, threshold: threshold)
        guard apply else { return try show(plan: try collection.plan()) }
        let meter = ProgressMeter()
        let report = try collection.run { done, total in
            meter.show(ProgressUpdate(activity: "collecting", done: done, total: total, unit: "segments"))
        }
        meter.finish()
        if json { return try JSONOutput.print(Applied(store: store.path, report: report)) }
        print(
            """
            \(Formats.count(report.rowsDropped, "row")) dropped from \(Formats.count(report.segments.count, "segment")); \
            \(Formats.bytes(report.bytesBefore)) before, \(Formats.bytes(report.bytesAfter)) now
            """)
    }

    private func show(plan: [GarbageCollection.Segment]) throws {
        if json { return try JSONOutput.print(Planned(store: store.path, segments: plan)) }
        var table = TextTable([
            ("segment", .left), ("space", .left), ("rows", .right), ("garbage", .right), ("bytes", .right), ("", .left),
        ])
        for segment in plan {
            table.add([
                segment.name, segment.space.short, "\(segment.rows)", "\(segment.deadRows)",
                Formats.bytes(segment.bytes),
                segment.isCollected ? "would be written anew" : "stays",
            ])
        }
        print(table.text)
        if plan.contains(where: \.isCollected) { Console.note("nothing was changed; use --apply to do it") }
    }

    private struct Planned: Encodable {
        let schema = 1
        let store: String
        let segments: [GarbageCollection.Segment]
    }

    private struct Applied: Encodable {
        let schema = 1
        let store: String
        let report: GarbageCollection.Report
    }
}
