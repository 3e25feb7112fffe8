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
        func part(_ positions: [Int]) -> (Matrix, [Int]) {
            (positions.count == rows.count ? vectors : vectors.rows(at: positions), positions.map { labels[$0] })
        }
        let ((queries, queryLabels), (index, indexLabels)) = (part(queries), part(index))
        return try RetrievalMetrics.evaluate(
            queries: queries, queryLabels: queryLabels, index: index, indexLabels: indexLabels, own: own)
    }
}
