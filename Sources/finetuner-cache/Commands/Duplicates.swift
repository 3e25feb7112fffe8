import ArgumentParser
import FeatureStorage
import Pipeline
import Tensors

struct Duplicates: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List groups of pictures that look the same.",
        discussion: """
            All pictures are compared with each other. Two are in one group where their similarity reaches the threshold, \
            or their bytes are the same. Scores are similarities to the first picture of the group.
            """)

    @OptionGroup var source: HeadOptions

    @Option(help: "The smallest cosine similarity of two pictures that look the same.")
    var threshold: Float = 0.95

    @Flag(help: "Show only groups with more than one label: pictures in the wrong folder, above all.")
    var mixedLabels = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard threshold > -1, threshold <= 1 else {
            throw ValidationError("--threshold must be above -1 and at most 1.")
        }
    }

    func run() throws {
        let (store, space, head) = try source.open()
        let (interruption, meter) = (Interruption(), ProgressMeter())
        let signals = Signals(interruption)
        defer { withExtendedLifetime(signals) {} }
        let search = try PictureSearch(
            store: store, source: EmbeddingSource(space: space, head: head), index: .exact, announce: Console.note,
            progress: meter.show)
        let found = try DuplicateGroups(
            search, in: store, threshold: threshold, interruption: interruption, progress: meter.show)
        meter.finish()
        guard let found else { throw ExitCode.interrupted }
        let groups = found.groups.filter { !mixedLabels || Set($0.map(\.label)).count > 1 }
        if json {
            return try JSONOutput.print(
                Answer(space: space.fingerprint.hex, head: head.name, threshold: threshold, groups: groups))
        }
        Console.note(
            """
            \(head.title), \(Formats.count(groups.count, "group")) of \
            \(Formats.count(groups.reduce(0) { $0 + $1.count }, "picture"))
            """)
        guard !groups.isEmpty else { return }
        var table = TextTable([("group", .right), ("score", .right), ("label", .left), ("path", .left)])
        for (number, group) in groups.enumerated() {
            for picture in group {
                table.add([
                    "\(number + 1)", Formats.metric(Double(picture.score)), picture.label ?? "-",
                    Formats.path(picture.path),
                ])
            }
        }
        print(table.text)
    }

    private struct Answer: Encodable {
        let schema = 1
        let space, head: String
        let threshold: Float
        let groups: [[DuplicateGroups.Picture]]
    }
}
