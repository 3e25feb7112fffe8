public import FeatureStorage
import Foundation
import Retrieval
import Tensors

/// The k nearest pictures of every picture of a space.
public struct NeighborGraph: Sendable {
    /// The pictures in the order of their paths' bytes.
    public let pictures: [StoredPicture]
    /// How many neighbors each has room for.
    public let k: Int
    /// For each picture the positions of its neighbors, nearest first, and -1 where there are fewer; shape `[pictures.count, k]`.
    public private(set) var neighbors: [Int32]
    /// Their cosine similarities, NaN where there is none; of the same shape.
    public private(set) var scores: [Float]

    private static let picturesPerStep = 256
    /// So many may be asked for where there are fewer pictures.
    private static let fewNeighbors = 1000

    /// Searches for every listed picture, or `members` alone, among all others of them; copies of a picture are its neighbors too. Nil where it was interrupted. Throws
    /// `InputError` as `PictureSearch` does.
    public init?(
        _ search: PictureSearch, in store: FeatureStore, k: Int, among members: [StoredPicture]? = nil,
        interruption: Interruption,
        progress: ProgressHandler = { _ in }
    ) throws {
        let listed = try ListedRows(store, search.chunks, among: members)
        guard k <= max(listed.pictures.count, Self.fewNeighbors) else {
            throw InputError(
                "\(k) neighbors", "are more than the \(listed.pictures.count) pictures", remedy: "Ask for fewer.")
        }
        (pictures, self.k) = (listed.pictures, k)
        neighbors = [Int32](repeating: -1, count: pictures.count * k)
        scores = [Float](repeating: .nan, count: pictures.count * k)
        let (isListed, picturesOfRow) = (listed.isListed(), listed.picturesOfRow())
        let rows = isListed.indices.filter { isListed[$0] }
        for start in stride(from: 0, to: rows.count, by: Self.picturesPerStep) {
            if interruption.isRequested { return nil }
            let step = Array(rows[start..<min(start + Self.picturesPerStep, rows.count)])
            // One more: each finds itself.
            for (row, found) in zip(step, try search.neighbors(ofRows: step, count: k + 1, among: isListed)) {
                enter(found, of: row, picturesOfRow)
            }
            progress(
                ProgressUpdate(activity: "searching", done: start + step.count, total: rows.count, unit: "pictures"))
        }
    }

    private mutating func enter(_ found: [Neighbor], of row: Int, _ picturesOfRow: [[Int32]]) {
        let all = found.flatMap { neighbor in
            picturesOfRow[neighbor.index].map { (picture: $0, score: neighbor.score) }
        }.sorted { ($1.score, $0.picture) < ($0.score, $1.picture) }
        for picture in picturesOfRow[row] {
            for (place, neighbor) in all.filter({ $0.picture != picture }).prefix(k).enumerated() {
                neighbors[Int(picture) * k + place] = neighbor.picture
                scores[Int(picture) * k + place] = neighbor.score
            }
        }
    }

    /// Writes three files: `output`, an array of `int32` with the positions; `NAME-scores.npy`, one of `float32` with the similarities; and
    /// `NAME.csv`, which says what each row is, as export does. Returns the paths of the latter two.
    public func writeNumPy(to output: String) throws -> (scores: String, table: String) {
        let table = try PictureTable.path(beside: output)
        let stem = String(table.dropLast(4))
        let shape = [pictures.count, k]
        try AtomicFile.write(to: output) { file in
            try file.write(contentsOf: NumPyFile.header(shape: shape, element: .int32))
            try file.write(contentsOf: neighbors.withUnsafeBytes { Data($0) })
        }
        try AtomicFile.write(to: stem + "-scores.npy") { file in
            try file.write(contentsOf: NumPyFile.header(shape: shape))
            try file.write(contentsOf: scores.withUnsafeBytes { Data($0) })
        }
        try AtomicFile.write(Data(PictureTable.text(pictures).utf8), to: table)
        return (stem + "-scores.npy", table)
    }

    /// Writes a table with a line for each pair: path, neighbor's path, rank and score.
    public func writeTable(to output: String) throws {
        try AtomicFile.write(to: output) { file in
            try file.write(contentsOf: Data("path,neighbor,rank,score\r\n".utf8))
            for (position, picture) in pictures.enumerated() {
                let lines = (position * k..<(position + 1) * k).filter { neighbors[$0] >= 0 }.map { place in
                    let neighbor = pictures[Int(neighbors[place])]
                    let paths = [picture.path, neighbor.path].map(PictureTable.field).joined(separator: ",")
                    return "\(paths),\(place % k + 1),\(scores[place])\r\n"
                }
                try file.write(contentsOf: Data(lines.joined().utf8))
            }
        }
    }
}
