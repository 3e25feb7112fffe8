import FeatureStorage
import Tensors

extension FeatureDataset {
    /// The rows of the pictures in `set`. Throws `InputError` as `PictureSet.contents` does, and where none of them has a label.
    func rows(in set: PictureSet) throws -> Set<Int> {
        let rows = try self.rows(of: set.contents(in: pictures()))
        guard !rows.isEmpty else { throw set.withoutLabels }
        return rows
    }

    /// The first path of each of some rows.
    func paths(of wanted: [Int]) throws -> [String] {
        let first = Dictionary(try pictures().map { ($0.content, $0.path) }, uniquingKeysWith: { first, _ in first })
        var paths: [Int: String] = [:]
        for (chunk, group) in Dictionary(grouping: wanted, by: { rows[$0].chunk }) {
            let contents = try chunks.contents(at: Int(chunk))
            for row in group { paths[row] = first[contents[Int(rows[row].row)]] }
        }
        // A picture may have left the listing since.
        return wanted.map { paths[$0] ?? "" }
    }

    /// The rows with one of `contents`.
    private func rows(of contents: Set<Fingerprint>) throws -> Set<Int> {
        var places: [Int: Set<Int>] = [:]
        for chunk in 0..<chunks.count {
            for (row, content) in try chunks.contents(at: chunk).enumerated() where contents.contains(content) {
                places[chunk, default: []].insert(row)
            }
        }
        return Set(rows.indices.filter { places[Int(rows[$0].chunk)]?.contains(Int(rows[$0].row)) == true })
    }
}
