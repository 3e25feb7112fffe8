/// The index rows that can still be among a query's `k` nearest, as scores from block products come in.
///
/// A row is kept while its score is within twice the tolerance of the k-th best so far: nothing below that can be among the
/// k nearest by pair scores. The list is thinned when it has doubled, so that a row costs constant time on average and
/// memory stays near `2k`, except where that many rows tie.
struct NearestCandidates: Sendable {
    /// The rows, in the order they came.
    private(set) var rows: [Candidate] = []
    /// Scores below this are of no interest any more.
    private(set) var cutoff: Float = -.infinity

    /// A row with its score from a block product.
    struct Candidate: Sendable {
        let index: Int
        let score: Float
    }

    private let k: Int
    private let tolerance: Float
    private var limit: Int

    /// No candidates yet; none will have a pair score below `floor`.
    init(k: Int, tolerance: Float, floor: Float = -.infinity) {
        self.k = k
        self.tolerance = tolerance
        cutoff = floor - 2 * tolerance
        limit = 2 * k + 64
    }

    /// Takes in a row, unless its score is below `cutoff`.
    mutating func take(index: Int, score: Float) {
        guard score >= cutoff else { return }
        rows.append(Candidate(index: index, score: score))
        if rows.count >= limit { thin() }
    }

    /// Takes in what another one has, of other rows.
    mutating func merge(_ other: NearestCandidates) {
        for row in other.rows { take(index: row.index, score: row.score) }
    }

    private mutating func thin() {
        guard k > 0, rows.count > k else { return }
        let scores = rows.map(\.score).sorted(by: >)
        cutoff = max(cutoff, scores[k - 1] - 2 * tolerance)
        rows.removeAll { $0.score < cutoff }
        limit = 2 * max(rows.count, k) + 64
    }

    /// The nearest rows by `pairScore`, best first, rows of equal score by index.
    func nearest(pairScore: (Int) -> Float) -> [Neighbor] {
        var thinned = self
        thinned.thin()
        let neighbors = thinned.rows.map { Neighbor(index: $0.index, score: pairScore($0.index)) }
        return Array(neighbors.sorted(by: Neighbor.precedes).prefix(k))
    }
}
