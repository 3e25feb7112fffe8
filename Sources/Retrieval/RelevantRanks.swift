import Foundation

/// Where the relevant items of one query are in its ranking: all that retrieval metrics depend on.
struct RelevantRanks: Sendable, Hashable {
    /// The ranks, from 1, ascending; at least one.
    let ranks: [Int]

    init(_ ranks: [Int]) {
        precondition(!ranks.isEmpty, "a query without relevant items")
        self.ranks = ranks
    }

    /// The number of relevant items, R.
    var count: Int { ranks.count }

    /// How many relevant items are among the first `k`.
    func hits(in k: Int) -> Int {
        var (low, high) = (0, ranks.count)
        while low < high {
            let middle = (low + high) / 2
            if ranks[middle] <= k { low = middle + 1 } else { high = middle }
        }
        return low
    }

    /// The sum of the precisions at the ranks of the relevant items up to `limit`.
    func precisionSum(to limit: Int) -> Double {
        ranks.prefix { $0 <= limit }.enumerated().reduce(0) { $0 + Double($1.offset + 1) / Double($1.element) }
    }

    var reciprocalRank: Double { 1 / Double(ranks[0]) }
    var rPrecision: Double { Double(hits(in: count)) / Double(count) }
    var averagePrecision: Double { precisionSum(to: .max) / Double(count) }
    var averagePrecisionAtR: Double { precisionSum(to: count) / Double(count) }

    /// Discounted cumulative gain of the first `k` (Järvelin and Kekäläinen 2002, with log2(rank + 1)).
    func dcg(_ k: Int) -> Double { ranks.prefix { $0 <= k }.reduce(0) { $0 + 1 / log2(Double($1 + 1)) } }

    /// The same, relative to what is possible.
    func ndcg(_ k: Int) -> Double {
        dcg(k) / (1...max(1, min(k, count))).reduce(0) { $0 + 1 / log2(Double($1 + 1)) }
    }
}
