import Tensors
import Testing

@testable import FeatureStorage

@Suite("Prefix code") struct PrefixCodeTests {
    private func decode(_ bytes: [UInt8]) throws -> PrefixCode {
        try bytes.withUnsafeBytes { bytes in
            var rest = bytes
            return try PrefixCode(decoding: &rest)
        }
    }

    /// The bits that a Huffman code needs in all: the sum of all inner nodes' weights.
    private func fewestBits(_ counts: [Int]) -> Int {
        var (weights, bits) = (counts.filter { $0 > 0 }, 0)
        while weights.count > 1 {
            weights.sort(by: >)
            let joined = weights.removeLast() + weights.removeLast()
            bits += joined
            weights.append(joined)
        }
        return bits
    }

    private func bits(_ code: PrefixCode, _ counts: [Int]) -> Int {
        zip(code.symbols, code.lengths).reduce(0) { $0 + counts[Int($1.0)] * Int($1.1) }
    }

    @Test("takes as few bits as Huffman's, and reads what it wrote")
    func huffman() throws {
        var generator = SeededGenerator(seed: 1)
        for symbols in [1, 2, 3, 10, 100, 256] {
            for spread: UInt64 in [1, 20, 1_000_000] {
                var counts = [Int](repeating: 0, count: 256)
                for symbol in generator.permutation(256).prefix(symbols) {
                    counts[symbol] = 1 + Int(generator.next() % spread)
                }
                let code = PrefixCode(counts: counts)
                #expect(code.symbols.count == symbols && code.nodes.count == symbols - 1)
                #expect(bits(code, counts) == fewestBits(counts))
                #expect(try decode(code.encoded) == code)
            }
        }
    }

    @Test("holds codes to 24 bits where the counts ask for more")
    func lengthLimit() throws {
        var counts = [1, 1]
        while counts.count < 60 { counts.append(counts[counts.count - 1] + counts[counts.count - 2]) }
        counts += [Int](repeating: 0, count: 256 - counts.count)
        let code = PrefixCode(counts: counts)
        #expect(code.lengths.max().map { $0 <= PrefixCode.longest } == true)
        #expect(try decode(code.encoded) == code)
    }

    @Test("knows the inner nodes of a small tree in preorder")
    func nodes() throws {
        // Codes: c 0, a 10, b 110, d 111.
        let code = try PrefixCode(symbols: [99, 97, 98, 100], lengths: [1, 2, 3, 3])
        #expect(
            code.nodes == [
                .init(first: 0, split: 1, end: 4, depth: 0), .init(first: 1, split: 2, end: 4, depth: 1),
                .init(first: 2, split: 3, end: 4, depth: 2),
            ])
        let even = try PrefixCode(symbols: [1, 2, 3, 4], lengths: [2, 2, 2, 2])
        #expect(even.nodes.map(\.split) == [2, 1, 3])
        #expect(try PrefixCode(symbols: [7], lengths: [0]).nodes.isEmpty)
    }

    @Test(
        "refuses tables that are no code",
        arguments: [
            [], [0], [0, 7], [0, 7, 1], [1, 7, 1], [1, 7, 0, 8, 1], [1, 7, 1, 7, 1], [1, 8, 1, 7, 1], [1, 7, 1, 8, 2],
            [2, 7, 1, 8, 1, 9, 1], [2, 7, 2, 8, 2, 9, 1], [2, 7, 1, 8, 2, 8, 2], [2, 7, 1, 8, 2, 7, 2],
            [1, 7, 25, 8, 25],
            [1, 7, 1, 8, 255], [255],
        ] as [[UInt8]])
    func damaged(table: [UInt8]) {
        #expect(throws: FormatFault.self) { try decode(table) }
    }
}
