/// Items grouped by the chunk that each is in: four bytes an item, made by counting.
struct ChunkGroups: Sendable {
    /// Where each chunk's items begin in `order`, and where the last one's end.
    private let starts: [Int]
    private let order: [Int32]

    /// Groups the items `0..<chunks.count`, which lie in the chunks `chunks`, each below `chunkCount`.
    init(_ chunks: some Collection<Int32>, chunkCount: Int) {
        var starts = [Int](repeating: 0, count: chunkCount + 1)
        for chunk in chunks { starts[Int(chunk) + 1] += 1 }
        for chunk in 0..<chunkCount { starts[chunk + 1] += starts[chunk] }
        var next = starts
        var order = [Int32](repeating: 0, count: chunks.count)
        for (item, chunk) in chunks.enumerated() {
            order[next[Int(chunk)]] = Int32(item)
            next[Int(chunk)] += 1
        }
        (self.starts, self.order) = (starts, order)
    }

    /// The number of chunks.
    var chunkCount: Int { starts.count - 1 }

    /// The items in a chunk, ascending.
    subscript(chunk: Int) -> ArraySlice<Int32> { order[starts[chunk]..<starts[chunk + 1]] }
}
