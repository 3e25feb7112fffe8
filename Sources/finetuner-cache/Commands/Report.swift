import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Report: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write a page about a head, in one file to send.",
        discussion: """
            Curves of the training, metrics before and after with the intervals of their changes, what some pictures find with the raw \
            features and with the head (those it improves most, those it makes worst, and some at random), every class, and the commands \
            and fingerprints that make it again.
            """)

    @OptionGroup var source: HeadOptions

    @Option(name: .shortAndLong, help: "The file to write.", completion: .file(extensions: ["html"]))
    var output = "report.html"

    @Option(help: "How many examples of each kind are shown.")
    var examples = 3

    @Option(help: "Decides which examples are shown at random.")
    var seed: UInt64 = 0

    func validate() throws {
        guard (0...50).contains(examples) else { throw ValidationError("--examples must be from 0 to 50.") }
    }

    func run() throws {
        let (store, space, choice) = try source.open()
        guard let loaded = choice.loaded,
            let record = try HeadLibrary(store: store).records().first(where: { $0.name == loaded.name })
        else {
            throw InputError(
                "head '\(choice.name)'", "is no trained head of this store, and a report is about one",
                remedy: "Choose one with --head, or train one with train-head.")
        }
        let report = try HeadReport(
            record, head: loaded.head, store: store, space: space, examples: examples, seed: seed)
        let commands = CommandLines(record, space: space, roots: report.roots, store: source.source.store.path).lines
        let page = ReportPage(report, commands: commands, version: FinetunerCache.configuration.version)
        let data = Data(page.text.utf8)
        try AtomicFile.write(data, to: output)
        Console.note("\(output): a page about head \(record.name), \(Formats.bytes(data.count))")
    }
}
