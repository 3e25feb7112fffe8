import ArgumentParser
import FeatureStorage
import Pipeline
import Retrieval
import Tensors

struct Index: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Keep a graph that finds neighbors among millions of pictures quickly.",
        discussion: """
            A query looks at every picture, which takes a few hundredths of a second a gigabyte. Where that is too long, an HNSW graph \
            is walked instead: it is made here, beside the head, and query uses it where it is faster.
            """,
        subcommands: [IndexBuild.self, IndexCheck.self])
}

struct IndexBuild: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "build", abstract: "Make the graph, or add what is new to the one that is there.",
        discussion: "Raw features (--head none) are kept as embeddings too from then on: 2 bytes a number.")

    @OptionGroup var source: HeadOptions

    @Option(help: "Links of a picture; more find more, and take 8 bytes each.")
    var links = 16

    @Option(help: "Candidates while a picture is added; more make a better graph more slowly.")
    var effort = 200

    @Flag(help: "Begin anew.")
    var rebuild = false

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard GraphParameters.linkRange.contains(links), GraphParameters.effortRange.contains(effort) else {
            throw ValidationError("--links must be 2 to 256, --effort 1 to 100000.")
        }
    }

    func run() throws {
        let (store, space, head) = try source.open()
        let (interruption, meter) = (Interruption(), ProgressMeter())
        let signals = Signals(interruption)
        defer { withExtendedLifetime(signals) {} }
        let indexing = GraphIndexing(
            EmbeddingSource(space: space, head: head), in: store, announce: Console.note, progress: meter.show)
        let report = try indexing.build(
            GraphParameters(links: links, constructionEffort: effort), isAnew: rebuild, interruption: interruption)
        meter.finish()
        guard let report else {
            Console.note("interrupted: the embeddings are kept, the graph is as it was")
            throw ExitCode.interrupted
        }
        if json { return try JSONOutput.print(Answer(head: head.name, report: report)) }
        let news = report.isNew ? "new" : report.added == 0 ? "nothing new" : "\(report.added) added"
        print(
            "graph of \(Formats.count(report.contents, "content")) (\(news)) of head \(head.name), \(Formats.bytes(report.bytes))"
        )
    }

    private struct Answer: Encodable {
        let schema = 1
        let head: String
        let report: GraphIndexing.Report
    }
}

struct IndexCheck: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check", abstract: "Compare what the graph finds with an exact search.")

    @OptionGroup var source: HeadOptions

    @Option(help: "How many stored pictures to search for.")
    var sample = 1000

    @Option(name: .customShort("k"), help: "How many neighbors of each to compare.")
    var k = 10

    @Option(help: "Candidates in the graph, as of query.")
    var effort = 100

    @Option(help: "Exit with 1 where the graph finds a smaller part of the exact neighbors than this, such as 0.99.")
    var failUnder: Double?

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard sample >= 1, k >= 1, effort >= 1 else {
            throw ValidationError("--sample, -k and --effort must be positive.")
        }
        guard k <= 10_000 else { throw ValidationError("-k must be at most 10000.") }
        guard (0...1).contains(failUnder ?? 1) else { throw ValidationError("--fail-under must be from 0 to 1.") }
    }

    func run() throws {
        let (store, space, head) = try source.open()
        let meter = ProgressMeter()
        let indexing = GraphIndexing(
            EmbeddingSource(space: space, head: head), in: store, announce: Console.note, progress: meter.show)
        let check = try indexing.check(sample: sample, k: k, effort: effort)
        meter.finish()
        if json {
            try JSONOutput.print(Answer(head: head.name, check: check))
        } else {
            let more = check.uncovered > 0 ? ", and \(check.uncovered) newer ones that are compared one by one" : ""
            print(
                """
                graph of \(Formats.count(check.contents, "content")) of head \(head.name)\(more)
                recall@\(k) \(Formats.metric(check.recall)) over \(Formats.count(check.queries, "query", "queries"))
                \(Int(check.graphRate)) queries/s, exact \(Int(check.exactRate)) queries/s
                """)
        }
        if let failUnder, check.recall < failUnder {
            Console.warning("recall@\(k) \(Formats.metric(check.recall)) is below \(failUnder)")
            throw ExitCode(1)
        }
    }

    private struct Answer: Encodable {
        let schema = 1
        let head: String
        let check: GraphIndexing.Check
    }
}
