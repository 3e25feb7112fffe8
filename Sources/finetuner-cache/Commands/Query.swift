public import ArgumentParser
import FeatureStorage
import Foundation
public import Pipeline
import Tensors

struct Query: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Find the pictures of the store nearest to pictures.",
        discussion: """
            Pictures that the store has, under any name, are not computed again. Scores are cosine similarities, 1 for the \
            same direction; with --metric dot or euclidean lengths count too.
            """)

    @OptionGroup var inputs: QueryInputs

    @OptionGroup var source: SpaceOptions

    @Option(
        help: ArgumentHelp(
            """
            The head to apply: a name, a head.safetensors file of the same space, or none for the raw features; several \
            with commas between to see them side by side. [default: the newest head that beat the raw features on \
            held-out pictures, else none]
            """))
    var head: String?

    @Option(name: [.customShort("k"), .customLong("neighbors")], help: "How many pictures to find.")
    var k = 10

    @Option(help: "What makes pictures near: cosine, dot or euclidean.")
    var metric: SearchMetric = .cosine

    @Option(
        help: """
            Compare with every picture (exact), walk the graph of index build (hnsw), or choose: exact while that takes a \
            fraction of a second, else the graph where there is one.
            """)
    var index: IndexChoice = .auto

    @Option(help: "Candidates in the graph; more miss less and take longer.")
    var effort = 100

    @OptionGroup(title: "Filters") var filters: FilterOptions

    @Flag(help: "Suggest a label for each picture: the nearest vote, nearer ones with more weight.")
    var classify = false

    @Option(
        help: ArgumentHelp("Write a page with the pictures, in one file, for a browser.", valueName: "file"),
        completion: .file(extensions: ["html"]))
    var html: String?

    @Option(
        help: """
            Show the pictures in the terminal, the query first: auto for what the terminal is known to understand, or kitty, \
            iterm, sixel.
            """)
    var thumbnails: ThumbnailChoice?

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard k >= 1 else { throw ValidationError("-k must be at least 1.") }
        if let head, head.split(separator: ",", omittingEmptySubsequences: false).contains("") {
            throw ValidationError("--head needs names with commas between.")
        }
        guard effort >= 1 else { throw ValidationError("--effort must be at least 1.") }
        if index == .hnsw, metric != .cosine { throw ValidationError("--index hnsw needs --metric cosine.") }
        if json, thumbnails != nil { throw ValidationError("--json goes without --thumbnails.") }
        if classify, metric != .cosine { throw ValidationError("--classify needs --metric cosine.") }
    }

    func run() throws {
        let graphics = try thumbnails?.graphics()
        let (store, space) = try source.open()
        let filter = try filters.filter(of: store, space)
        let library = HeadLibrary(store: store)
        let heads = try (head?.split(separator: ",").map { Optional(String($0)) } ?? [nil]).map {
            try HeadChoice(option: $0, library: library, space: space)
        }
        let meter = ProgressMeter()
        let wanted = try inputs.resolved()
        let searches = try heads.map { head in
            try PictureSearch(
                store: store, source: EmbeddingSource(space: space, head: head), metric: metric, index: index,
                effort: effort, expecting: wanted.count + inputs.vector.count, announce: Console.note,
                progress: meter.show)
        }
        meter.finish()
        let (queries, failures) = try inputs.queries(wanted, in: searches[0].chunks, meter)
        if queries.names.isEmpty, failures.count == 1 { throw failures[0] }
        let found = try searches.map { try $0.search(queries, k: k, filter: filter) }
        if filters.isEmpty, found.joined().allSatisfy(\.isEmpty) {
            throw InputError(store.path, "lists no picture of \(space.name)", remedy: "Run finetuner-cache build.")
        }
        let answers = queries.names.indices.map { query in
            QueryAnswer(
                query: queries.names[query], id: queries.contents[query],
                results: zip(heads, found).map { head, found in
                    QueryAnswer.Result(
                        head: head.name, neighbors: found[query],
                        suggestions: classify ? LabelSuggestion.among(found[query]) : nil)
                })
        }
        let views = QueryViews(answers, wanted, in: store)
        if let html {
            try views.writePage(
                to: html, labels: searches[0].labels(of: queries), space: space,
                manner: "\(metric.rawValue), \(searches[0].manner)")
        }
        try show(answers, heads, failures, space, searches[0].manner)
        if let graphics { print(views.strips(by: graphics)) }
        for failure in failures { Console.warning("\(failure)") }
        if !failures.isEmpty { throw queries.names.isEmpty ? ExitCode(2) : ExitCode(1) }
    }

    private func show(
        _ answers: [QueryAnswer], _ heads: [HeadChoice], _ failures: [InputError], _ space: FeatureSpace,
        _ manner: String
    ) throws {
        if json {
            return try JSONOutput.print(
                QueryAnswer.Document(
                    space: space.fingerprint.hex, metric: metric, queries: answers,
                    failures: failures.map(\.description)))
        }
        let what =
            heads.count > 1 ? "\(heads.count) heads" : heads[0].title
        Console.note("\(what), \(manner)")
        let fewest = answers.flatMap(\.results).map(\.neighbors.count).min() ?? k
        if fewest < k {
            let reason = filters.isEmpty ? "the store has no more" : "no more pass the filters"
            Console.note("found \(Formats.count(fewest, "picture")) of \(k): \(reason)")
        }
        print(answers.map { $0.text(isAlone: answers.count == 1) }.joined(separator: "\n\n"))
    }
}

extension SearchMetric: ExpressibleByArgument {}
extension IndexChoice: ExpressibleByArgument {}
