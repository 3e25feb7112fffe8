import CKernels

/// Bytes as a wavelet tree in the shape of their Huffman code (Grossi, Gupta, Vitter 2003; Mäkinen, Navarro 2005): the code,
/// then for each inner node in preorder a bitmap with the next code bit of each byte that passes it.
///
/// The size is that of Huffman coding, and decoding merges two sequences by a bitmap, many bytes at a time.
enum WaveletTree {
    /// The bytes of the tree, or nil where they would not be below `limit`.
    static func encode(_ bytes: UnsafeRawBufferPointer, ifBelow limit: Int) -> [UInt8]? {
        guard !bytes.isEmpty else { return nil }
        let counts = histogram(bytes)
        let code = PrefixCode(counts: counts)
        var ends = [0]  // ends[rank]: how many bytes have a lower rank
        for symbol in code.symbols { ends.append(ends[ends.count - 1] + counts[Int(symbol)]) }
        let bitmaps = code.nodes.reduce(0) { $0 + Bitmap.byteCount(of: ends[$1.end] - ends[$1.first]) }
        let table = code.encoded
        guard table.count + bitmaps < limit else { return nil }
        return table
            + [UInt8](unsafeUninitializedCapacity: bitmaps) { target, count in
                write(bytes, code, ends, into: target)
                count = bitmaps
            }
    }

    private static func histogram(_ bytes: UnsafeRawBufferPointer) -> [Int] {
        var counts = [Int](repeating: 0, count: 256)
        for byte in bytes { counts[Int(byte)] += 1 }
        return counts
    }

    /// Writes the bitmaps. The bytes' ranks go down the tree; those of a level stand at the same place in one of two
    /// buffers by turns.
    private static func write(
        _ bytes: UnsafeRawBufferPointer, _ code: PrefixCode, _ ends: [Int],
        into target: UnsafeMutableBufferPointer<UInt8>
    ) {
        var rankOf = [UInt8](repeating: 0, count: 256)
        for (rank, symbol) in code.symbols.enumerated() { rankOf[Int(symbol)] = UInt8(rank) }
        let levels = UnsafeMutablePointer<UInt8>.allocate(capacity: 2 * bytes.count)
        defer { levels.deallocate() }
        for index in 0..<bytes.count { levels[index] = rankOf[Int(bytes[index])] }
        var position = 0
        for node in code.nodes {
            guard let bitmap = target.baseAddress?.advanced(by: position) else { return }
            let (start, count) = (ends[node.first], ends[node.end] - ends[node.first])
            let from = levels + (node.depth % 2) * bytes.count + start
            let to = levels + ((node.depth + 1) % 2) * bytes.count + start
            let ones = ftc_at_least(from, count, UInt8(node.split), bitmap)
            ftc_split(bitmap, from, count, to, to + (count - ones), ones)
            position += Bitmap.byteCount(of: count)
        }
    }

    /// What passes a node: the bytes `start..<start + count` of the plane in the order of ranks, and the node's bitmap.
    private struct Passage {
        var start = 0
        var count = 0
        var ones = 0
        var bitmap = 0
    }

    /// Takes a tree off the front of `rest` and fills `plane` with its bytes; `room` is memory of the same size. Throws
    /// `.damaged` where the bytes are not a tree of as many.
    static func decode(
        _ rest: inout UnsafeRawBufferPointer, into plane: UnsafeMutableRawBufferPointer,
        room: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) {
        precondition(room.count >= plane.count, "\(room.count) bytes of room for \(plane.count)")
        let code = try PrefixCode(decoding: &rest)
        let bitmaps = rest
        let passages = try passages(&rest, code, count: plane.count)
        guard let target = plane.baseAddress, let room = room.baseAddress, let bits = bitmaps.baseAddress else {
            return
        }
        if code.nodes.isEmpty { return target.copyRepeating(code.symbols[0], count: plane.count) }
        for (node, passage) in zip(code.nodes, passages).reversed() {
            // A level's bytes are in `target` and `room` by turns, and the root's in `target`.
            let (to, from) = node.depth % 2 == 0 ? (target, room) : (room, target)
            let zeroCount = passage.count - passage.ones
            let (zeros, ones) = (from + passage.start, from + passage.start + zeroCount)
            if node.split - node.first == 1 { zeros.copyRepeating(code.symbols[node.first], count: zeroCount) }
            if node.end - node.split == 1 { ones.copyRepeating(code.symbols[node.split], count: passage.ones) }
            ftc_merge(bits + passage.bitmap, zeros, ones, passage.ones, to + passage.start, passage.count)
        }
    }

    /// Takes the bitmaps off and counts what passes each node.
    private static func passages(
        _ rest: inout UnsafeRawBufferPointer, _ code: PrefixCode, count: Int
    ) throws(FormatFault) -> [Passage] {
        var passages = [Passage](repeating: Passage(), count: code.nodes.count)
        if !passages.isEmpty { passages[0].count = count }
        let whole = rest.count
        for (index, node) in code.nodes.enumerated() {
            var passage = passages[index]
            passage.bitmap = whole - rest.count
            let bitmap = try rest.take(Bitmap.byteCount(of: passage.count))
            passage.ones = try Bitmap.ones(in: bitmap, count: passage.count)
            passages[index] = passage
            let zeroCount = passage.count - passage.ones
            if node.split - node.first > 1 {
                passages[index + 1].start = passage.start
                passages[index + 1].count = zeroCount
            }
            if node.end - node.split > 1 {
                passages[index + node.split - node.first].start = passage.start + zeroCount
                passages[index + node.split - node.first].count = passage.ones
            }
        }
        return passages
    }
}

extension UnsafeMutableRawPointer {
    fileprivate func copyRepeating(_ byte: UInt8, count: Int) {
        initializeMemory(as: UInt8.self, repeating: byte, count: count)
    }
}
