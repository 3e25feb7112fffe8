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
    /// A chunk of another segment of the same space, as it is.
    init(_ body: BlockBody) throws {
        let metadata = try body.metadata()
        self.init(
            contents: try body.contents(), payload: try body.packedPayload(), metadata: metadata,
            changes: try body.changes())
    }

    /// Listing changes alone, or with rows that they name by their contents.
    init(changes: [ListingChange], contents: [Fingerprint] = [], payload: PackedPayload = .none) {
        self.init(
            contents: contents, payload: payload,
            metadata: BlockMetadata(changes: EncodedChanges.grouped(changes, rows: [])), changes: changes)
    }
}
