/// A canonical prefix code of bytes, and the binary tree that its codes form.
///
/// Codes ascend in the order of (length, symbol) and the first is all zeros, so each node of the tree stands for a range of
/// symbols in that order (their ranks), and its two subtrees for the two parts of the range.
struct PrefixCode: Hashable, Sendable {
    /// The longest code, in bits.
    static let longest = 24

    /// The ranks `first..<split` are in the 0-subtree, `split..<end` in the 1-subtree.
    struct Node: Hashable, Sendable {
        let first: Int
        let split: Int
        let end: Int
        let depth: Int
    }

    /// The symbols by rank.
    let symbols: [UInt8]
    /// The code lengths by rank.
    let lengths: [UInt8]
    /// The inner nodes in preorder: node, 0-subtree, 1-subtree. Subtrees of `n` ranks have `n - 1` inner nodes, so the
    /// 0-subtree of node `i` begins at `i + 1` and its 1-subtree at `i + split - first`; those of one rank have none.
    let nodes: [Node]

    /// The code with these lengths. Throws `.damaged` where they are not in order, name a symbol twice, or do not fill the
    /// tree exactly (Kraft's equality); a single symbol has the length 0.
    init(symbols: [UInt8], lengths: [UInt8]) throws(FormatFault) {
        let fault = FormatFault.damaged("the code of a plane is none")
        precondition(symbols.count == lengths.count, "\(symbols.count) symbols, \(lengths.count) lengths")
        guard !symbols.isEmpty, Set(symbols).count == symbols.count, lengths.allSatisfy({ $0 <= Self.longest }) else {
            throw fault
        }
        for rank in symbols.indices.dropFirst() {
            guard (lengths[rank - 1], symbols[rank - 1]) < (lengths[rank], symbols[rank]) else { throw fault }
        }
        guard lengths.reduce(0, { $0 + Self.share($1) }) == Self.share(0) else { throw fault }
        self.symbols = symbols
        self.lengths = lengths
        nodes = Self.nodes(lengths)
    }

    /// The part of all codes of `longest` bits that begins with one code of `length` bits.
    private static func share(_ length: UInt8) -> Int { 1 << (longest - Int(length)) }

    /// The inner nodes, found without recursion. Kraft's equality holds, so that ranges of more than one rank always have
    /// two parts.
    private static func nodes(_ lengths: [UInt8]) -> [Node] {
        var codes: [Int] = []
        var next = 0
        for length in lengths {
            codes.append(next)
            next += share(length)
        }
        var nodes: [Node] = []
        var open = [(first: 0, end: lengths.count, depth: 0)]
        while let (first, end, depth) = open.popLast() {
            guard end - first > 1 else { continue }
            let middle = codes[first] + 1 << (longest - depth - 1)
            let split = codes[first..<end].partitioningIndex { $0 >= middle }
            nodes.append(Node(first: first, split: split, end: end, depth: depth))
            open.append((split, end, depth + 1))
            open.append((first, split, depth + 1))
        }
        return nodes
    }
}

extension PrefixCode {
    /// Reads the number of symbols - 1, then symbol and code length of each.
    init(decoding rest: inout UnsafeRawBufferPointer) throws(FormatFault) {
        let count = Int(try rest.take(1)[0]) + 1
        let table = try rest.take(2 * count)
        try self.init(
            symbols: (0..<count).map { table[2 * $0] }, lengths: (0..<count).map { table[2 * $0 + 1] })
    }

    /// What `init(decoding:)` reads.
    var encoded: [UInt8] {
        [UInt8(symbols.count - 1)] + zip(symbols, lengths).flatMap { [$0, $1] }
    }
}

extension ArraySlice<Int> {
    /// The first index of an ascending slice whose element `belongs`, or the end.
    fileprivate func partitioningIndex(where belongs: (Int) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if belongs(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
