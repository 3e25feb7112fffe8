public import Tensors

/// One result of a search.
public struct Neighbor: Sendable, Hashable {
    /// The row of the index.
    public let index: Int
    /// The cosine similarity to the query, in `[-1, 1]` up to rounding; `-infinity` where one of the two is not finite.
    public let score: Float

    /// A neighbor at row `index`.
    public init(index: Int, score: Float) {
        self.index = index
        self.score = score
    }

    /// The order of results: by score, highest first, then by index.
    public static func precedes(_ left: Neighbor, _ right: Neighbor) -> Bool {
        left.score == right.score ? left.index < right.index : left.score > right.score
    }
}

/// Finds the rows nearest to queries among those it was made with.
public protocol NearestNeighborIndex: Sendable {
    /// The number of rows.
    var count: Int { get }

    /// The `k` nearest rows, best first, for every row of `queries`, `[queries, dimension]`; all rows where there are fewer
    /// than `k`.
    func search(_ queries: Matrix, k: Int) throws -> [[Neighbor]]
}
