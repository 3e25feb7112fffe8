extension PrefixCode {
    /// The code of the fewest bits in all for symbols that occur `counts[symbol]` times (Huffman 1952). Where it would be
    /// longer than `longest`, the counts are made flatter until it is not.
    ///
    /// At least one of the 256 counts is not 0.
    init(counts: [Int]) {
        var weights = (0..<counts.count).filter { counts[$0] > 0 }.map { (symbol: UInt8($0), count: counts[$0]) }
        precondition(!weights.isEmpty, "a code of no symbols")
        var lengths = Self.lengths(weights.map(\.count))
        while lengths.contains(where: { $0 > Self.longest }) {
            weights = weights.map { ($0.symbol, $0.count / 2 + 1) }
            lengths = Self.lengths(weights.map(\.count))
        }
        let ranked = zip(lengths, weights.map(\.symbol)).sorted { $0 < $1 }
        do throws(FormatFault) {
            try self.init(symbols: ranked.map(\.1), lengths: ranked.map { UInt8($0.0) })
        } catch { preconditionFailure("the lengths of a Huffman code are those of a code") }
    }

    /// The depth of each weight in a tree that joins the two lightest subtrees again and again. Subtrees come about in the
    /// order of their weight, so two queues do.
    private static func lengths(_ weights: [Int]) -> [Int] {
        let leaves = weights.indices.sorted { (weights[$0], $0) < (weights[$1], $1) }
        let count = leaves.count
        var total = leaves.map { weights[$0] }
        var parent = [Int](repeating: 0, count: 2 * count - 1)
        var (leaf, joined) = (0, count)
        for node in count..<max(count, 2 * count - 1) {
            var sum = 0
            for _ in 0..<2 {
                let takesLeaf = leaf < count && (joined == node || total[leaf] <= total[joined])
                let lightest = takesLeaf ? leaf : joined
                if takesLeaf { leaf += 1 } else { joined += 1 }
                sum += total[lightest]
                parent[lightest] = node
            }
            total.append(sum)
        }
        var depths = [Int](repeating: 0, count: 2 * count - 1)
        for node in (0..<2 * count - 2).reversed() { depths[node] = depths[parent[node]] + 1 }
        var lengths = [Int](repeating: 0, count: count)
        for (position, index) in leaves.enumerated() { lengths[index] = depths[position] }
        return lengths
    }
}
