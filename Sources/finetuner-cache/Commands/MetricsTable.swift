import Pipeline
import Retrieval

/// Retrieval metrics in columns.
enum MetricsTable {
    /// The metrics that are shown, in their order.
    static func named(_ metrics: RetrievalMetrics) -> [(String, Double)] {
        [
            ("precision@1", metrics.precisionAt1), ("recall@5", metrics.recallAt5), ("recall@10", metrics.recallAt10),
            ("R-precision", metrics.rPrecision), ("MAP@R", metrics.meanAveragePrecisionAtR),
            ("MRR", metrics.meanReciprocalRank),
        ]
    }

    /// What JSON calls a metric that is shown.
    static func key(_ name: String) -> String { name == "R-precision" ? "r_precision" : name.lowercased() }

    /// One column of metrics.
    static func text(_ metrics: RetrievalMetrics) -> String {
        var table = TextTable([("metric", .left), ("value", .right)])
        for (name, value) in named(metrics) { table.add([name, Formats.metric(value)]) }
        return table.text
    }
}
