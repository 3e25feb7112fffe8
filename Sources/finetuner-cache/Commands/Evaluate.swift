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
            --index. A set is a folder, a file with one path a line, a .csv or .tsv table, or table.csv:SPLIT for the rows \
            whose column split says so. No picture finds itself.

            precision@1, the part of queries with a \
            picture of their label among the nearest 1, 5 and 10 (recall@k), R-precision, MAP@R and MRR as \
            pytorch-metric-learning defines them. Pictures that a head was trained on are judged too: the numbers of \
            train-head on held-out pictures are the ones to trust.
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

    @Flag(help: "Print the result as JSON.")
    var json = false

    func run() throws {
        let (store, space, head) = try source.open()
        let data = try LabeledFeatures(store: store, space: space)
        guard data.classNames.count >= 2 else {
            throw InputError(
                "store", "has \(Formats.count(data.classNames.count, "label")); retrieval metrics need two",
                remedy: "Build from a folder with one folder a label.")
        }
        func rows(_ set: PictureSet?) throws -> [Int] {
            try set.map { try data.rows(in: $0, of: store, space: space) } ?? Array(0..<data.count)
        }
        let (wanted, searched) = (try rows(queries), try rows(index))
        let metrics = try Evaluator(head: head.loaded?.head).metrics(of: data, queries: wanted, in: searched)
        if json {
            return try JSONOutput.print(
                Answer(
                    head: head.name, space: space.fingerprint.hex, pictures: searched.count,
                    labels: data.classNames.count, queries: queries?.description, index: index?.description,
                    metrics: metrics))
        }
        let manner =
            queries == nil && index == nil
            ? "leave-one-out"
            : "\(Formats.count(wanted.count, "query", "queries")) in \(Formats.count(searched.count, "picture"))"
        Console.note(
            """
            \(head.loaded.map { "head \($0.name)" } ?? "raw features"), \(Formats.count(data.count, "picture")), \
            \(Formats.count(data.classNames.count, "label")), \(manner)
            """)
        print(MetricsTable.text(metrics))
    }

    private struct Answer: Encodable {
        let schema = 1
        let head: String
        let space: String
        let pictures: Int
        let labels: Int
        let queries, index: String?
        let metrics: RetrievalMetrics
    }
}
