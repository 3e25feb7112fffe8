import FeatureStorage
import Tensors

/// The listed pictures of a space with the rows of their features, which are not read.
struct ListedRows: Sendable {
    /// In the order of their paths' bytes.
    let pictures: [StoredPicture]
    /// For each picture its row in the chunks; copies of one content share a row.
    let rows: [Int]
    /// The rows of the chunks, listed or not.
    private let rowCount: Int

    /// The pictures of the space of `chunks`, of `members` alone where they are given.
    init(_ store: FeatureStore, _ chunks: StoredChunks, among members: [StoredPicture]? = nil) throws {
        var rowOfContent = [Fingerprint: Int](minimumCapacity: chunks.rowCount)
        for position in 0..<chunks.count {
            for (row, content) in zip(chunks.range(at: position), try chunks.contents(at: position)) {
                rowOfContent[content] = row
            }
        }
        let paths = members.map { Set($0.map { ExactText($0.path) }) }
        // A build may have committed more between the two reads.
        pictures = try store.pictures(in: chunks.space).filter { picture in
            rowOfContent[picture.content] != nil && paths?.contains(ExactText(picture.path)) ?? true
        }
        rows = pictures.compactMap { rowOfContent[$0.content] }
        rowCount = chunks.rowCount
    }

    /// For each row of the chunks its pictures, ascending; none where the listing does not name its content.
    func picturesOfRow() -> [[Int32]] {
        var found = [[Int32]](repeating: [], count: rowCount)
        for (picture, row) in rows.enumerated() { found[row].append(Int32(picture)) }
        return found
    }

    /// For each row whether the listing names it.
    func isListed() -> [Bool] {
        var listed = [Bool](repeating: false, count: rowCount)
        for row in rows { listed[row] = true }
        return listed
    }
}
