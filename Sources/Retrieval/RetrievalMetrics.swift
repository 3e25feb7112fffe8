/// How well nearest neighbors share the query's label: means over queries, each in `[0, 1]`.
///
/// R is the number of index items with the query's label, the query itself not counted. "Relevant" is an item with the
/// query's label. `precision@1`, `r_precision`, `map@r` and `mrr` are those of pytorch-metric-learning's
/// `AccuracyCalculator` with k = all items. Finetuner's metrics of the same names look at a list of the first 20 only and
/// are higher.
public struct RetrievalMetrics: Sendable, Hashable, Codable {
    /// How often the nearest item is relevant.
    public let precisionAt1: Double
    /// How often the nearest item is relevant; for one item the same as precision.
    public let recallAt1: Double
    /// How often at least one of the 5 nearest items is relevant (a hit rate, the recall@k of the metric-learning papers;
    /// not the share of relevant items found).
    public let recallAt5: Double
    /// How often at least one of the 10 nearest items is relevant.
    public let recallAt10: Double
    /// The share of relevant items among the R nearest.
    public let rPrecision: Double
    /// Mean average precision at R (Musgrave et al. 2020, section 3.2): the sum over the ranks i to R whose item is relevant
    /// of the precision at i, divided by R.
    public let meanAveragePrecisionAtR: Double
    /// The mean of 1 / rank of the first relevant item.
    public let meanReciprocalRank: Double
    /// How many queries the means are over.
    public let queries: Int
    /// How many further queries were left out, because no other item has their label.
    public let loneQueries: Int

    /// The names in JSON.
    private enum CodingKeys: String, CodingKey {
        case precisionAt1 = "precision@1"
        case recallAt1 = "recall@1"
        case recallAt5 = "recall@5"
        case recallAt10 = "recall@10"
        case rPrecision = "r_precision"
        case meanAveragePrecisionAtR = "map@r"
        case meanReciprocalRank = "mrr"
        case queries = "queries"
        case loneQueries = "lone_queries"
    }

    /// The means of `outcomes`, of which there must be at least one.
    init(_ outcomes: [QueryOutcome], loneQueries: Int) {
        precondition(!outcomes.isEmpty, "metrics of no query")
        func mean(_ value: (QueryOutcome) -> Double) -> Double {
            outcomes.reduce(0) { $0 + value($1) } / Double(outcomes.count)
        }
        func hitRate(_ k: Int) -> Double { mean { $0.firstRank <= k ? 1 : 0 } }
        (precisionAt1, recallAt1) = (hitRate(1), hitRate(1))
        (recallAt5, recallAt10) = (hitRate(5), hitRate(10))
        rPrecision = mean(\.rPrecision)
        meanAveragePrecisionAtR = mean(\.averagePrecisionAtR)
        meanReciprocalRank = mean { 1 / Double($0.firstRank) }
        queries = outcomes.count
        self.loneQueries = loneQueries
    }
}

/// What the metrics need of one query.
struct QueryOutcome: Sendable, Hashable {
    /// The rank of the first relevant item, from 1.
    let firstRank: Int
    let rPrecision: Double
    let averagePrecisionAtR: Double

    /// From the ranks of all relevant items, counted from 1, ascending, at least one.
    init(relevantRanks ranks: [Int]) {
        let relevant = ranks.count
        let found = ranks.prefix { $0 <= relevant }
        firstRank = ranks[0]
        rPrecision = Double(found.count) / Double(relevant)
        let precisions = found.enumerated().map { Double($0.offset + 1) / Double($0.element) }
        averagePrecisionAtR = precisions.reduce(0, +) / Double(relevant)
    }
}
