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
    /// Mean average precision over the whole ranking; nil in records of earlier versions.
    public let meanAveragePrecision: Double?
    /// Metrics of the first 1, 5, 10 and 20 items; nil in records of earlier versions.
    public let cutoffs: [CutoffMetrics]?
    /// Finetuner's metrics at 20; nil in records of earlier versions.
    public let list: ListMetrics?
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
        case meanAveragePrecision = "map"
        case cutoffs = "at"
        case list = "finetuner"
        case queries = "queries"
        case loneQueries = "lone_queries"
    }

    /// The means over `queries`, of which there must be at least one.
    init(_ queries: [RelevantRanks], loneQueries: Int) {
        precondition(!queries.isEmpty, "metrics of no query")
        func mean(_ value: (RelevantRanks) -> Double) -> Double {
            queries.reduce(0) { $0 + value($1) } / Double(queries.count)
        }
        func hitRate(_ k: Int) -> Double { mean { $0.ranks[0] <= k ? 1 : 0 } }
        (precisionAt1, recallAt1) = (hitRate(1), hitRate(1))
        (recallAt5, recallAt10) = (hitRate(5), hitRate(10))
        rPrecision = mean(\.rPrecision)
        meanAveragePrecisionAtR = mean(\.averagePrecisionAtR)
        meanReciprocalRank = mean(\.reciprocalRank)
        meanAveragePrecision = mean(\.averagePrecision)
        cutoffs = CutoffMetrics.cutoffs.map { CutoffMetrics($0, queries) }
        list = ListMetrics(ListMetrics.limit, queries)
        self.queries = queries.count
        self.loneQueries = loneQueries
    }
}
