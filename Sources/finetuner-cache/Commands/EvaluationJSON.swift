import Pipeline
import Retrieval

/// An evaluation as JSON.
struct EvaluationJSON {
    let classNames: [String]
    let hasIntervals: Bool

    /// The whole: the first head's result, and those of all where several are compared.
    struct Answer: Encodable {
        let space: String
        let pictures: Int
        let labels: Int
        let queries, index: String?
        let result: Result
        let heads: [Result]?

        private enum CodingKeys: CodingKey { case schema, space, pictures, labels, queries, index, heads }

        func encode(to encoder: any Encoder) throws {
            try result.encode(to: encoder)
            var container = encoder.container(keyedBy: CodingKeys.self)
            try container.encode(1, forKey: .schema)
            try container.encode(space, forKey: .space)
            try container.encode(pictures, forKey: .pictures)
            try container.encode(labels, forKey: .labels)
            try container.encodeIfPresent(queries, forKey: .queries)
            try container.encodeIfPresent(index, forKey: .index)
            try container.encodeIfPresent(heads, forKey: .heads)
        }
    }

    /// One head.
    struct Result: Encodable {
        let head: String
        let metrics: RetrievalMetrics
        let intervals: MetricIntervals?
        /// Of the changes from the first of several heads.
        let changes: MetricIntervals?
        let classes: [Class]?
        let confusions: [Pair]?
    }

    /// A class.
    struct Class: Encodable {
        let label: String
        let metrics: RetrievalMetrics
    }

    /// A class that is taken for another.
    struct Pair: Encodable {
        let label, found: String
        let queries: Int
    }

    /// A head with what was asked for.
    func result(
        _ found: EvaluatedHead, hasClasses: Bool, hasConfusions: Bool, comparedTo first: EvaluatedHead
    ) -> Result {
        let classes = found.retrieval.byClass.sorted { $0.key < $1.key }
            .map { Class(label: classNames[$0.key], metrics: $0.value) }
        let pairs = found.confusions.map {
            Pair(label: classNames[$0.pair.label], found: classNames[$0.pair.found], queries: $0.count)
        }
        let isChanged = hasIntervals && found.head != first.head
        return Result(
            head: found.head, metrics: found.retrieval.metrics,
            intervals: hasIntervals ? found.retrieval.intervals() : nil,
            changes: isChanged ? found.retrieval.intervals(ofChangesFrom: first.retrieval) : nil,
            classes: hasClasses ? classes : nil, confusions: hasConfusions ? pairs : nil)
    }
}
