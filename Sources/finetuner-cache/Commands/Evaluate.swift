import ArgumentParser
import FeatureStorage
import Foundation
import Pipeline
import Retrieval
import Tensors

struct Evaluate: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Measure retrieval over the labelled pictures.",
        discussion: """
            Every labelled picture is a query among all others (leave-one-out), or those of --queries are searched in those of \
            --index. A set is a folder, a file with one path a line, a .csv or .tsv table, table.csv:SPLIT for the rows \
            whose column split says so, or a split that the list given to build had. No picture finds itself.

            precision@1, the part of queries with a picture of their label among the nearest 1, 5 and 10 (recall@k), \
            R-precision, MAP@R and MRR as pytorch-metric-learning defines them. Pictures that a head was trained on are \
            judged too: the numbers of train-head on held-out pictures are the ones to trust.
            """)

    @OptionGroup var source: HeadOptions

    @Option(
        help: ArgumentHelp("The set of pictures to search for. [default: all]", valueName: "set"),
        transform: { PictureSet($0) })
    var queries: PictureSet?

    @Option(
        help: ArgumentHelp("The set of pictures to search in. [default: all]", valueName: "set"),
        transform: { PictureSet($0) })
    var index: PictureSet?

    @Option(
        help: ArgumentHelp(
            "Heads side by side, such as none,head-1,head-2, with the changes from the first.", valueName: "heads"),
        transform: { $0.split(separator: ",", omittingEmptySubsequences: false).map(String.init) })
    var compare: [String]?

    @Flag(
        help: """
            Show the 95 % interval of each metric, or of its change: a bootstrap over the queries.
            """)
    var intervals = false

    @Option(help: "Show so many classes that are found worst, by MAP@R. JSON has all.")
    var classes: Int?

    @Option(help: "Show so many pairs of classes of which the one is most often nearest to the other. JSON has all.")
    var confusions: Int?

    @Option(
        help: ArgumentHelp(
            "Exit with 1 where a metric is below a value, such as map@r=0.6.", valueName: "metric=value"),
        transform: { text in try UsageErrors.translating { try MetricBound(text) } })
    var failUnder: [MetricBound] = []

    @Flag(help: "Print the result as JSON.")
    var json = false

    func validate() throws {
        guard classes ?? 1 >= 1, confusions ?? 1 >= 1 else {
            throw ValidationError("--classes and --confusions must be positive.")
        }
        guard let compare else { return }
        guard Set(compare).count == compare.count, compare.count > 1, !compare.contains("") else {
            throw ValidationError("--compare needs several different heads, with commas between.")
        }
        guard source.head == nil, classes == nil, confusions == nil, failUnder.isEmpty else {
            throw ValidationError("--compare goes without --head, --classes, --confusions and --fail-under.")
        }
    }

    func run() throws {
        let (store, space) = try source.source.open()
        let data = try LabeledFeatures(store: store, space: space)
        guard data.classNames.count >= 2 else {
            throw InputError(
                "store", "has \(Formats.count(data.classNames.count, "label")); retrieval metrics need two",
                remedy: "Build from a folder with one folder a label.")
        }
        let library = HeadLibrary(store: store)
        let heads = try (compare.map { $0.map(Optional.some) } ?? [source.head]).map {
            try HeadChoice(option: $0, library: library, space: space)
        }
        func rows(_ set: PictureSet?) throws -> [Int] {
            try set.map { try data.rows(in: $0, of: store, space: space) } ?? Array(0..<data.count)
        }
        let (wanted, searched) = (try rows(queries), try rows(index))
        let found = try heads.map { head in
            let result = try Evaluator(head: head.loaded?.head).evaluated(
                data, queries: wanted, in: searched, wantsConfusions: confusions != nil)
            return EvaluatedHead(head: head.name, retrieval: result.retrieval, confusions: result.confusions)
        }
        if json {
            try printJSON(found, data, space, searched.count)
        } else {
            Console.note(heading(heads, data, queries: wanted.count, pictures: searched.count))
            print(EvaluationText(classNames: data.classNames, hasIntervals: intervals).text(found, classes, confusions))
        }
        try check(found[0].retrieval.metrics)
    }

    private func heading(_ heads: [HeadChoice], _ data: LabeledFeatures, queries wanted: Int, pictures: Int) -> String {
        let head =
            heads.count > 1 ? "\(heads.count) heads" : heads[0].title
        let isWhole = queries == nil && index == nil
        let manner =
            isWhole
            ? "leave-one-out"
            : "\(Formats.count(wanted, "query", "queries")) in \(Formats.count(pictures, "picture"))"
        return """
            \(head), \(Formats.count(data.count, "picture")), \(Formats.count(data.classNames.count, "label")), \(manner)
            """
    }

    private func check(_ metrics: RetrievalMetrics) throws {
        let low = failUnder.filter { !$0.isMet(by: metrics) }
        for bound in low { Console.warning(bound.failure(metrics)) }
        guard low.isEmpty else { throw ExitCode.belowBound }
    }

    private func printJSON(
        _ found: [EvaluatedHead], _ data: LabeledFeatures, _ space: FeatureSpace, _ pictures: Int
    ) throws {
        let form = EvaluationJSON(classNames: data.classNames, hasIntervals: intervals)
        let results = found.map {
            form.result($0, hasClasses: classes != nil, hasConfusions: confusions != nil, comparedTo: found[0])
        }
        try JSONOutput.print(
            EvaluationJSON.Answer(
                space: space.fingerprint.hex, pictures: pictures, labels: data.classNames.count,
                queries: queries?.description, index: index?.description, result: results[0],
                heads: results.count > 1 ? results : nil))
    }
}

extension ExitCode {
    /// Evaluated, and below a bound of `--fail-under`.
    fileprivate static let belowBound = ExitCode(1)
}
