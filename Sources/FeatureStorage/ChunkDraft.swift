import Tensors

/// A chunk before it has a place in a segment.
struct ChunkDraft {
    let contents: [Fingerprint]
    let payload: PackedPayload
    let metadata: BlockMetadata
    /// The listing changes that `metadata` says.
    let changes: [ListingChange]
}

extension ChunkDraft {
    /// Rows with the pictures that list them. Where every row has one, the changes need not repeat the contents.
    init(contents: [Fingerprint], payload: PackedPayload, listed: [Fingerprint: [PictureEntry]]) {
        let entries = contents.map { (listed[$0] ?? []).sorted { $0.path < $1.path } }
        let isComplete = Set(contents).count == contents.count && !entries.contains(where: \.isEmpty)
        let own = isComplete ? entries.map { ListingChange.picture($0[0]) } : []
        let others = entries.flatMap { isComplete ? $0.dropFirst() : $0[...] }.map { ListingChange.picture($0) }
        let changes = own + others
        self.init(
            contents: contents, payload: payload,
            metadata: BlockMetadata(changes: EncodedChanges.grouped(changes, rows: Array(own.indices))),
            changes: changes)
    }

    /// Listing changes alone, or with rows that they name by their contents.
    init(changes: [ListingChange], contents: [Fingerprint] = [], payload: PackedPayload = .none) {
        self.init(
            contents: contents, payload: payload,
            metadata: BlockMetadata(changes: EncodedChanges.grouped(changes, rows: [])), changes: changes)
    }
}
