import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Tensors

struct Import: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Take features that were computed elsewhere into the store.",
        discussion: """
            For features of any network, from any machine: a space of their own, on which heads are trained and searches made as \
            on any other. The list names the picture of each row: path (or file_name, uri, image), label, and id, the SHA-256 of the \
            picture; without one the file is hashed. New pictures are searched for by their vectors: query --vector q.npy.
            """)

    @Option(help: "The features: .npy or .npz, float16, float32 or float64, [count, dimension].", completion: .file())
    var features: String

    @Option(help: "The pictures: .csv, .tsv, .jsonl, or one path a line.", completion: .file())
    var listing: String

    @Option(help: "What to call the space, such as clip-vit-b32.")
    var spaceName: String

    @Option(help: "What computed them, more exactly, such as a revision. Features of another model are another space.")
    var modelID: String?

    @Option(help: "How the values are kept: f16, f32, bf16 or u8.")
    var dtype: RowType = .float16

    @Flag(help: "Keep the features beside those of other networks in the same store.")
    var addSpace = false

    @OptionGroup var store: StoreOptions

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        if spaceName.isEmpty { throw ValidationError("--space-name must not be empty.") }
    }

    func run() throws {
        store.warnOfNetwork(writing: true)
        let (interruption, meter) = (Interruption(), ProgressMeter())
        let signals = Signals(interruption)
        defer { withExtendedLifetime(signals) {} }
        let source = try FeatureImport(features: features, listing: listing)
        let space = try source.space(named: spaceName, model: modelID, rowType: dtype)
        var writer = try FeatureStoreWriter(path: store.path, space: space, otherSpaces: addSpace ? .add : .refuse)
        let report = try source.write(
            into: &writer, interruption: interruption, progress: meter.show)
        try writer.finish()
        meter.finish()
        guard let report else {
            Console.note("interrupted: what was taken in stays, the same command goes on")
            throw ExitCode.interrupted
        }
        if json {
            try JSONOutput.print(Answer(space: space.fingerprint.hex, report: report))
        } else {
            print(
                "\(Formats.count(report.rows, "feature")) of \(space.dimension) numbers: \(report.rows - report.known) new, \(report.known) known"
            )
        }
        if report.withoutFile > 0 {
            Console.note(
                "\(Formats.count(report.withoutFile, "picture")) not found here: an id of each is made of its path")
        }
        guard report.differing > 0 else { return }
        Console.warning(
            """
            \(Formats.count(report.differing, "row")) of \(features) differ from the features that the store has of their pictures, \
            which stay. For those of another model give --model-id; to take these, make another store.
            """)
        throw ExitCode.skipped
    }

    private struct Answer: Encodable {
        let schema = 1
        let space: String
        let report: FeatureImport.Report
    }
}
