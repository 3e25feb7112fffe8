import Foundation

/// Finetuner's metrics, as docarray 0.1 computes them from a list of the nearest 20 items: what is not in the list does not
/// count, so that average precision, R-precision and nDCG are higher than `RetrievalMetrics`' wherever relevant items are missed.
public struct ListMetrics: Sendable, Hashable, Codable {
    /// How many items of the list precision, recall, F1, hit and DCG look at.
    public let k: Int
    /// The share of relevant items among the first k.
    public let precision: Double
    /// The share of all relevant items that are among the first k.
    public let recall: Double
    /// The harmonic mean of the two.
    public let f1: Double
    /// How often any is among the first k.
    public let hit: Double
    /// The mean of the precisions at the relevant items of the list, over those found.
    public let averagePrecision: Double
    /// 1 / rank of the first relevant item; 0 where the list has none.
    public let reciprocalRank: Double
    /// The share of relevant items among the first h, where h is how many the list has.
    public let rPrecision: Double
    /// Discounted cumulative gain of the first k, where ranks 1 and 2 both count in full.
    public let dcg: Double
    /// The same, relative to the list in its best order.
    public let ndcg: Double

    /// The length of the list.
    static let limit = 20

    init(_ k: Int, _ queries: [RelevantRanks]) {
        let lists = queries.map { List(ranks: $0.ranks.filter { $0 <= Self.limit }, relevant: $0.count, k: k) }
        func mean(_ value: (List) -> Double) -> Double { lists.reduce(0) { $0 + value($1) } / Double(lists.count) }
        self.k = k
        (precision, recall) = (mean(\.precision), mean(\.recall))
        f1 = mean(\.f1)
        hit = mean { $0.hits > 0 ? 1 : 0 }
        averagePrecision = mean(\.averagePrecision)
        reciprocalRank = mean { $0.ranks.first.map { 1 / Double($0) } ?? 0 }
        rPrecision = mean(\.rPrecision)
        dcg = mean(\.dcg)
        ndcg = mean { $0.dcg == 0 ? 0 : $0.dcg / $0.idealDCG }
    }

    /// The list of one query.
    struct List {
        /// The ranks of the relevant items in the list.
        let ranks: [Int]
        /// How many relevant items there are.
        let relevant: Int
        let k: Int

        var hits: Int { ranks.count { $0 <= k } }
        var precision: Double { Double(hits) / Double(min(k, ListMetrics.limit)) }
        var recall: Double { Double(hits) / Double(relevant) }
        var f1: Double { hits == 0 ? 0 : 2 * precision * recall / (precision + recall) }

        var averagePrecision: Double {
            let sum = ranks.enumerated().reduce(0) { $0 + Double($1.offset + 1) / Double($1.element) }
            return ranks.isEmpty ? 0 : sum / Double(ranks.count)
        }

        var rPrecision: Double {
            ranks.isEmpty ? 0 : Double(ranks.count { $0 <= ranks.count }) / Double(ranks.count)
        }

        var dcg: Double { Self.gain(ranks.filter { $0 <= k }) }
        var idealDCG: Double { Self.gain(Array(1...max(1, min(k, ranks.count)))) }

        private static func gain(_ ranks: [Int]) -> Double {
            ranks.reduce(0) { $0 + ($1 == 1 ? 1 : 1 / log2(Double($1))) }
        }
    }
}
