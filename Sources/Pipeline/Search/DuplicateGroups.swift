public import FeatureStorage
import Retrieval
public import Tensors

/// Pictures that look the same: groups in which each is near to another one.
public struct DuplicateGroups: Sendable {
    /// A picture of a group.
    public struct Picture: Sendable, Hashable, Codable {
        /// Its path.
        public let path: String
        /// Its label, if it has one.
        public let label: String?
        /// SHA-256 of the file's bytes.
        public let id: Fingerprint
        /// The cosine similarity to the first picture of the group.
        public let score: Float
    }

    /// The groups, the largest first, of equal ones by the first path; the pictures of each by path.
    public let groups: [[Picture]]

    private static let rowsPerStep = 256
    /// Neighbors of a picture that are looked at. Where more are near to each other, those are near to these.
    private static let mostNeighbors = 4096

    /// Compares all listed pictures with each other: two whose cosine similarity is at least `threshold`, or whose bytes are the same, are in
    /// one group. Nil where it was interrupted. Throws `InputError` as `PictureSearch` does.
    public init?(
        _ search: PictureSearch, in store: FeatureStore, threshold: Float, interruption: Interruption,
        progress: ProgressHandler = { _ in }
    ) throws {
        guard let vectors = search.vectors else { preconditionFailure("duplicates by \(search.metric.rawValue)") }
        let listed = try ListedRows(store, search.chunks)
        let isListed = listed.isListed()
        var sets = DisjointSets(count: vectors.count)
        for start in stride(from: 0, to: vectors.count, by: Self.rowsPerStep) {
            if interruption.isRequested { return nil }
            let step = start..<min(start + Self.rowsPerStep, vectors.count)
            // Rows before these have been compared with them.
            let found = ExactIndex(vectors.rows(in: start..<vectors.count)).search(
                vectors.matrix(step), k: Self.mostNeighbors, within: threshold, among: Array(isListed[start...]))
            for (row, found) in zip(step, found) where isListed[row] {
                for neighbor in found { sets.join(row, start + neighbor.index) }
            }
            progress(
                ProgressUpdate(activity: "comparing", done: step.upperBound, total: vectors.count, unit: "pictures"))
        }
        let groups = Dictionary(grouping: listed.pictures.indices) { sets.first(listed.rows[$0]) }
        self.groups = groups.values.filter { $0.count > 1 }
            .sorted { ($1.count, $0[0]) < ($0.count, $1[0]) }
            .map { Self.group($0, listed, vectors) }
    }

    private static func group(_ positions: [Int], _ listed: ListedRows, _ vectors: VectorRows) -> [Picture] {
        let first = listed.rows[positions[0]]
        let neighbors = ExactIndex(vectors.rows(in: first..<first + 1))
        return positions.map { position in
            let (picture, row) = (listed.pictures[position], listed.rows[position])
            let score = neighbors.search(vectors.matrix(row..<row + 1), k: 1)[0].first?.score ?? 0
            return Picture(path: picture.path, label: picture.label, id: picture.content, score: score)
        }
    }
}

/// Numbers in sets that are joined (Tarjan, 1975): each set is known by its smallest number.
struct DisjointSets {
    private var parents: [Int]

    /// A set for each of `0..<count`.
    init(count: Int) { parents = Array(0..<count) }

    /// The smallest number in the set of `number`.
    mutating func first(_ number: Int) -> Int {
        var number = number
        while parents[number] != number {
            parents[number] = parents[parents[number]]
            number = parents[number]
        }
        return number
    }

    /// Makes one set of those of two numbers.
    mutating func join(_ left: Int, _ right: Int) {
        let (left, right) = (first(left), first(right))
        if left != right { parents[max(left, right)] = min(left, right) }
    }
}
