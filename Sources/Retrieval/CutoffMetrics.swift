/// Metrics of the first k items of a ranking: means over queries.
public struct CutoffMetrics: Sendable, Hashable, Codable {
    /// How many items are looked at.
    public let k: Int
    /// The share of relevant items among them.
    public let precision: Double
    /// The share of all relevant items that are among them.
    public let recall: Double
    /// How often any is among them: what the papers on metric learning call recall@k.
    public let hit: Double
    /// The harmonic mean of precision and recall of each query.
    public let f1: Double
    /// Discounted cumulative gain (Järvelin and Kekäläinen 2002).
    public let dcg: Double
    /// The same, relative to the best ranking.
    public let ndcg: Double

    /// The cutoffs that are measured.
    static let cutoffs = [1, 5, 10, 20]

    init(_ k: Int, _ queries: [RelevantRanks]) {
        func mean(_ value: (RelevantRanks) -> Double) -> Double {
            queries.reduce(0) { $0 + value($1) } / Double(queries.count)
        }
        self.k = k
        precision = mean { Double($0.hits(in: k)) / Double(k) }
        recall = mean { Double($0.hits(in: k)) / Double($0.count) }
        hit = mean { $0.ranks[0] <= k ? 1 : 0 }
        // 2 p r / (p + r), with the hits taken out.
        f1 = mean { 2 * Double($0.hits(in: k)) / Double(k + $0.count) }
        dcg = mean { $0.dcg(k) }
        ndcg = mean { $0.ndcg(k) }
    }
}
