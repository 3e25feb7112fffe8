import Retrieval
import Tensors

/// Search of a space's rows in a graph over kept embeddings: rows that were added since the graph was made are compared one by one, and
/// those that are gone are not found.
struct GraphSearch: Sendable {
    private let rows: KeptRows
    private let graph: GraphIndex
    /// The rows that the graph lacks, and where the first of them lies.
    private let rest: ExactIndex
    /// A bit for each place in the graph that is no row.
    private let unused: [UInt8]?

    /// Of rows that may be found, the part below which all of them are compared instead: the graph would have to be walked far.
    static let smallestPart = 0.1

    /// Opens the graph over `rows`. Throws `GraphFile.Absence` where there is none that can be used.
    init(_ rows: KeptRows) throws {
        let file = try GraphFile(over: rows.file)
        (self.rows, graph) = (rows, try GraphIndex(file, over: rows.file))
        rest = ExactIndex(rows.file.vectors.rows(in: file.count..<rows.file.vectors.count))
        let gaps = rows.unusedPlaces
        unused = gaps.isEmpty ? nil : Self.bits(gaps, count: file.count)
    }

    /// The rows that the graph has.
    var count: Int { graph.count }
    /// The rows that it lacks.
    var uncovered: Int { rest.count }

    private static func bits(_ gaps: [Range<Int>], count: Int) -> [UInt8] {
        var bits = [UInt8](repeating: 0, count: (count + 7) / 8)
        for place in gaps.joined() where place < count { bits[place / 8] |= 1 << UInt8(place % 8) }
        return bits
    }

    /// About the `count` nearest rows to each query, best first; `eligible` says for each row whether it may be found.
    func search(_ queries: Matrix, count: Int, effort: Int, among eligible: [Bool]?) throws -> [[Neighbor]] {
        let effort = max(effort, 2 * min(count, graph.count))
        let found = try graph.search(queries, effort: effort, excluding: excluded(eligible))
        let others =
            uncovered == 0 ? nil : rest.search(queries, k: count, excluding: nil, among: uncoveredEligible(eligible))
        return found.indices.map { query in
            let late = others.map { $0[query].map { Neighbor(index: $0.index + graph.count, score: $0.score) } } ?? []
            let nearest = (found[query] + late).compactMap { neighbor in
                rows.row(at: neighbor.index).map { Neighbor(index: $0, score: neighbor.score) }
            }
            return Array(nearest.sorted(by: Neighbor.precedes).prefix(count))
        }
    }

    private func excluded(_ eligible: [Bool]?) -> [UInt8]? {
        guard let eligible else { return unused }
        var bits = unused ?? [UInt8](repeating: 0, count: (graph.count + 7) / 8)
        for row in eligible.indices where !eligible[row] {
            let place = rows.place(of: row)
            if place < graph.count { bits[place / 8] |= 1 << UInt8(place % 8) }
        }
        return bits
    }

    private func uncoveredEligible(_ eligible: [Bool]?) -> [Bool] {
        (0..<uncovered).map { place in rows.row(at: graph.count + place).map { eligible?[$0] ?? true } ?? false }
    }
}
