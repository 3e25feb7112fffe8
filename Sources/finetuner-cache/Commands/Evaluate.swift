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
            Every labelled picture is a query among all others (leave-one-out): precision@1, the part of queries with a \
            picture of their label among the nearest 1, 5 and 10 (recall@k), R-precision, MAP@R and MRR as \
            pytorch-metric-learning defines them. Pictures that a head was trained on are judged too: the numbers of \
            train-head on held-out pictures are the ones to trust.
            """)

    @OptionGroup var source: HeadOptions

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
        let metrics = try Evaluator(head: head.loaded?.head).metrics(of: data)
        if json {
            return try JSONOutput.print(
                Answer(
                    head: head.name, space: space.fingerprint.hex, pictures: data.count,
                    labels: data.classNames.count, metrics: metrics))
        }
        Console.note(
            """
            \(head.loaded.map { "head \($0.name)" } ?? "raw features"), \(Formats.count(data.count, "picture")), \
            \(Formats.count(data.classNames.count, "label")), leave-one-out
            """)
        print(MetricsTable.text(metrics))
    }

    private struct Answer: Encodable {
        let schema = 1
        let head: String
        let space: String
        let pictures: Int
        let labels: Int
        let metrics: RetrievalMetrics
    }
}
