import Tensors

@testable import Retrieval

extension Matrix {
    /// Values drawn uniformly from -1 to 1.
    static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(seed: seed)
        return Matrix(
            rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in generator.uniform(-1, 1) })
    }

    /// The same with many rows that repeat earlier ones: exact ties.
    static func randomWithDuplicates(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(seed: seed)
        let matrix = random(rows, columns, seed: seed)
        return matrix.rows(at: (0..<rows).map { $0 > 3 && $0 % 3 == 0 ? generator.index(below: $0) / 2 : $0 })
    }
}

/// Retrieval as a full sort of every query's scores: the twin of the fast ways.
enum NaiveRetrieval {
    /// All rows of the index by cosine similarity to one query, in the order that `ExactIndex` promises.
    static func ranking(_ query: Matrix, _ row: Int, _ index: Matrix, excluding own: Int? = nil) -> [Int] {
        let scores = CosineScores(queries: query.normalizedRows(), index: index.normalizedRows())
        let items = (0..<index.rows).filter { $0 != own }
        let exact = (0..<index.rows).map { scores.pairScore(query: row, item: $0) }
        return items.sorted { left, right in
            exact[left] == exact[right] ? left < right : exact[left] > exact[right]
        }
    }
}
