import FeatureStorage
import Tensors

/// Where the features of another look at a dataset's pictures are.
struct DatasetView: Sendable {
    /// A chunk and a row in it.
    struct Place: Sendable, Hashable {
        let chunk, row: Int32
    }

    /// Where the features are read from.
    let chunks: StoredChunks
    /// The place of each row of the dataset; nil where the view lacks it.
    let places: [Place?]

    /// Finds the contents of `rows`, which lie in the chunks `base`, in the chunks of a view. Throws `InputError` where a row table
    /// is damaged.
    init(_ chunks: StoredChunks, of rows: [FeatureDataset.Row], in base: StoredChunks) throws {
        var found: [Fingerprint: Place] = [:]
        for chunk in 0..<chunks.count {
            for (row, content) in try chunks.contents(at: chunk).enumerated() {
                found[content] = Place(chunk: Int32(chunk), row: Int32(row))
            }
        }
        var places = [Place?](repeating: nil, count: rows.count)
        let groups = ChunkGroups(rows.lazy.map(\.chunk), chunkCount: base.count)
        for chunk in 0..<base.count where !groups[chunk].isEmpty {
            let contents = try base.contents(at: chunk)
            for row in groups[chunk] { places[Int(row)] = found[contents[Int(rows[Int(row)].row)]] }
        }
        (self.chunks, self.places) = (chunks, places)
    }
}
