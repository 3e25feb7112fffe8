import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Look for damage in a store; changes nothing.",
        discussion: """
            Checks every row of the index, every chunk's header and table of contents, and the heads. With --full also reads \
            and decodes every feature, and what searches keep. Lists each damaged item with its segment, chunk and pictures. Exit codes: 0 whole, \
            1 damaged (see 'repair'), 2 error.
            """)

    @OptionGroup var store: StoreOptions

    @Flag(help: "Read and decode everything.")
    var full = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        store.warnOfNetwork(writing: false)
        let meter = ProgressMeter()
        var report = try StoreVerification(path: store.path, full: full).run { done, total in
            meter.show(ProgressUpdate(activity: "verifying", done: done, total: total, unit: "chunks"))
        }
        meter.finish()
        report.add(HeadLibrary(storeAt: store.path).damaged())
        if full { report.add(SearchFiles(storeAt: store.path).damaged()) }
        if json {
            try JSONOutput.print(Answer(store: store.path, report: report))
        } else {
            show(report)
        }
        if !report.problems.isEmpty { throw ExitCode.damaged }
    }

    private func show(_ report: StoreVerification.Report) {
        for problem in report.problems {
            let chunk = problem.chunk.map { ": chunk \($0)" } ?? ""
            let place = problem.offset.map { " at byte \($0)" } ?? ""
            print("\(Formats.visible(problem.file))\(chunk)\(place): \(Formats.visible(problem.fact))")
            for picture in problem.pictures { print("    \(Formats.visible(picture))") }
        }
        for note in report.notes { Console.note("\(note); the next build takes it up") }
        let looked =
            "\(Formats.count(report.segments, "segment")), \(Formats.count(report.chunks, "chunk")), \(Formats.count(report.rows, "row"))"
        guard report.problems.isEmpty else {
            Console.note("\(looked); \(Formats.count(report.problems.count, "problem")). Run `finetuner-cache repair`.")
            return
        }
        print(
            "\(store.path) is whole: \(looked), \(report.isFull ? "all features decoded" : "features not read (--full does)")"
        )
    }

    private struct Answer: Encodable {
        let schema = 1
        let store: String
        let report: StoreVerification.Report
    }
}

extension ExitCode {
    /// Done, and the store is damaged.
    static let damaged = ExitCode(1)
}
