/// Where buffers lie in one piece of memory, when buffers that are never needed at the same time may share a place.
struct ArenaPlan: Sendable, Equatable {
    /// A buffer: its size in bytes, and the first and the last of the numbered moments at which it is needed.
    struct Block: Sendable, Equatable {
        var size: Int
        var lifetime: ClosedRange<Int>
    }

    /// Where each block begins, in bytes; always a multiple of `alignment`.
    let offsets: [Int]
    /// The bytes that hold all blocks.
    let size: Int

    /// Multiples of a cache line, which oneDNN's vector loads like best.
    static let alignment = 64

    /// Places the largest block first, each into the lowest gap between those that live at the same time ("greedy by
    /// size", Pisarchyk and Lee, "Efficient Memory Management for Deep Neural Net Inference", 2020).
    init(_ blocks: [Block]) {
        var offsets = [Int](repeating: 0, count: blocks.count)
        var placed: [Int] = []
        var size = 0
        let bySize = blocks.indices.sorted { (blocks[$1].size, $0) < (blocks[$0].size, $1) }
        for index in bySize {
            let length = Self.aligned(blocks[index].size)
            let neighbors = placed.filter { blocks[$0].lifetime.overlaps(blocks[index].lifetime) }
                .sorted { offsets[$0] < offsets[$1] }
            var start = 0
            for neighbor in neighbors {
                if offsets[neighbor] - start >= length { break }
                start = max(start, offsets[neighbor] + Self.aligned(blocks[neighbor].size))
            }
            offsets[index] = start
            placed.append(index)
            size = max(size, start + length)
        }
        self.offsets = offsets
        self.size = size
    }

    private static func aligned(_ size: Int) -> Int { (size + alignment - 1) / alignment * alignment }
}
