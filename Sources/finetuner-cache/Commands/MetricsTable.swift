import Pipeline
import Retrieval

/// Retrieval metrics in columns.
enum MetricsTable {
    private static func named(_ metrics: RetrievalMetrics) -> [(String, Double)] {
        [
            ("precision@1", metrics.precisionAt1), ("recall@5", metrics.recallAt5), ("recall@10", metrics.recallAt10),
            ("R-precision", metrics.rPrecision), ("MAP@R", metrics.meanAveragePrecisionAtR),
            ("MRR", metrics.meanReciprocalRank),
        ]
    }

    /// One column of metrics.
    static func text(_ metrics: RetrievalMetrics) -> String {
        var table = TextTable([("metric", .left), ("value", .right)])
        for (name, value) in named(metrics) { table.add([name, Formats.metric(value)]) }
        return table.text
    }

    /// What `train-head` prints: where the head is, its losses, and metrics before and after.
    static func trained(_ record: HeadRecord, classes: Int) -> String {
        let losses = record.losses.map { Formats.metric(Double($0)) }.joined(separator: " ")
        let heading = """
            head \(record.name): \(record.inputDimension) -> \(record.outputDimension), \
            \(Formats.count(record.trainingCount, "picture")) of \(classes) classes
            loss per epoch: \(losses.isEmpty ? "none" : losses)
            """
        guard let before = record.before, let after = record.after else { return heading }
        let judged = before.queries + before.loneQueries
        let part = judged < record.heldOutCount ? "\(judged) of \(record.heldOutCount)" : "\(judged)"
        var table = TextTable([
            ("held-out (\(part))", .left), ("raw", .right), ("head", .right), ("change", .right),
        ])
        for ((name, raw), (_, value)) in zip(named(before), named(after)) {
            table.add([name, Formats.metric(raw), Formats.metric(value), Formats.change(value - raw)])
        }
        return heading + "\n" + table.text
    }
}
