import FeatureStorage
import Tensors

extension FeatureDataset {
    /// The rows of the pictures in `set`. Throws `InputError` as `PictureSet.contents` does, and where none of them has a label.
    func rows(in set: PictureSet) throws -> Set<Int> {
        let rows = try self.rows(of: set.contents(in: pictures()))
        guard !rows.isEmpty else { throw set.withoutLabels }
        return rows
    }

    /// The first path of each of some rows, and its content.
    func pictures(of wanted: [Int]) throws -> [(path: String, content: Fingerprint)] {
        let first = Dictionary(try pictures().map { ($0.content, $0.path) }, uniquingKeysWith: { first, _ in first })
        var found: [Int: (path: String, content: Fingerprint)] = [:]
        for (chunk, group) in Dictionary(grouping: wanted, by: { rows[$0].chunk }) {
            let contents = try chunks.contents(at: Int(chunk))
            for row in group {
                let content = contents[Int(rows[row].row)]
                // A picture may have left the listing since.
                found[row] = (first[content] ?? "", content)
            }
        }
        return wanted.compactMap { found[$0] }
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
