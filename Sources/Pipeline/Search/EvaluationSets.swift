import Retrieval
import Tensors

/// Which rows are searched for and which they are searched in.
struct EvaluationSets: Sendable {
    /// All rows that take part, ascending.
    let rows: [Int]
    /// The positions of the queries in `rows`.
    let queries: [Int]
    /// The positions of what they are searched in.
    let index: [Int]
    /// For each query its own place in `index`, which it does not find; nil where it is not there.
    let own: [Int?]

    /// Rows that are searched for among each other.
    init(_ rows: [Int]) {
        self.rows = rows
        queries = Array(rows.indices)
        index = queries
        own = queries.map { $0 }
    }

    /// Rows that are searched for in others; the two may overlap.
    init(queries: some Sequence<Int>, index: some Sequence<Int>) {
        let (queries, index) = (Set(queries), Set(index))
        rows = queries.union(index).sorted()
        self.queries = rows.indices.filter { [rows] in queries.contains(rows[$0]) }
        self.index = rows.indices.filter { [rows] in index.contains(rows[$0]) }
        let places = Dictionary(uniqueKeysWithValues: self.index.enumerated().map { ($1, $0) })
        own = self.queries.map { places[$0] }
    }

    /// The metrics of `vectors`, one for each of `rows`, with a label each. Throws `InputError` where no query has anything to
    /// find.
    func metrics(of vectors: Matrix, labels: [Int]) throws -> RetrievalMetrics {
        try evaluated(vectors, labels: labels).metrics
    }

    /// The same query by query, as positions among the queries.
    func evaluated(_ vectors: Matrix, labels: [Int]) throws -> EvaluatedRetrieval {
        let ((queries, queryLabels), (index, indexLabels)) = (
            part(queries, vectors, labels), part(index, vectors, labels)
        )
        return try EvaluatedRetrieval(
            queries: queries, queryLabels: queryLabels, index: index, indexLabels: indexLabels, own: own)
    }

    /// How often the nearest item of a query has another label: the query's and the item's, most often first.
    func confusions(_ vectors: Matrix, labels: [Int]) -> [Confusion] {
        let ((queries, queryLabels), (index, indexLabels)) = (
            part(queries, vectors, labels), part(index, vectors, labels)
        )
        var counts: [Confusion.Pair: Int] = [:]
        for (label, found) in zip(queryLabels, ExactIndex(index).search(queries, k: 1, excluding: own)) {
            guard let nearest = found.first, indexLabels[nearest.index] != label else { continue }
            counts[Confusion.Pair(label: label, found: indexLabels[nearest.index]), default: 0] += 1
        }
        return counts.map { Confusion(pair: $0.key, count: $0.value) }
            .sorted { ($1.count, $0.pair.label, $0.pair.found) < ($0.count, $1.pair.label, $1.pair.found) }
    }

    private func part(_ positions: [Int], _ vectors: Matrix, _ labels: [Int]) -> (Matrix, [Int]) {
        (positions.count == rows.count ? vectors : vectors.rows(at: positions), positions.map { labels[$0] })
    }
}

/// Two classes of which the one is taken for the other.
public struct Confusion: Sendable, Hashable {
    /// The classes.
    public struct Pair: Sendable, Hashable {
        /// The class of the queries.
        public let label: Int
        /// The class of what is nearest to them.
        public let found: Int
    }

    /// The classes.
    public let pair: Pair
    /// How many queries there are.
    public let count: Int
}
