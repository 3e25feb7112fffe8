import Tensors

/// The evaluation of a retrieval, query by query.
public struct EvaluatedRetrieval: Sendable {
    /// The means over all queries.
    public let metrics: RetrievalMetrics
    /// The queries that have anything to find, as rows of what was searched for, ascending.
    public let queries: [Int]
    /// The class of each.
    public let labels: [Int]
    let ranks: [RelevantRanks]

    init(queries: [Int], labels: [Int], ranks: [RelevantRanks], loneQueries: Int) {
        (self.queries, self.labels, self.ranks) = (queries, labels, ranks)
        metrics = RetrievalMetrics(ranks, loneQueries: loneQueries)
    }

    /// Of each of `queries` the average precision over as many items as there are to find, whose mean is MAP@R.
    public var averagePrecisionsAtR: [Double] { ranks.map(\.averagePrecisionAtR) }

    /// The metrics of the queries of each class, by class.
    public var byClass: [Int: RetrievalMetrics] {
        Dictionary(grouping: ranks.indices) { labels[$0] }
            .mapValues { members in RetrievalMetrics(members.map { ranks[$0] }, loneQueries: 0) }
    }

    /// Where the metrics lie with other queries of the same kind: percentile bootstrap intervals (Efron 1979) over `samples`
    /// draws of as many queries with replacement, which `seed` decides.
    public func intervals(level: Double = 0.95, samples: Int = 1000, seed: UInt64 = 0) -> MetricIntervals {
        MetricIntervals(
            MetricIntervals.metrics.map { metric in ranks.map(metric.value) }, level: level, samples: samples,
            seed: seed)
    }

    /// The same of the changes from `other` to this, which has the same queries: each draw takes a query from both.
    public func intervals(
        ofChangesFrom other: EvaluatedRetrieval, level: Double = 0.95, samples: Int = 1000, seed: UInt64 = 0
    ) -> MetricIntervals {
        precondition(queries == other.queries, "changes between \(other.queries.count) and \(queries.count) queries")
        return MetricIntervals(
            MetricIntervals.metrics.map { metric in
                zip(ranks, other.ranks).map { metric.value($0) - metric.value($1) }
            }, level: level, samples: samples, seed: seed)
    }
}
