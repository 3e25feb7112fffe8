import Foundation
import Tensors
import Testing

@testable import FeatureStorage

@Suite("Payload codecs") struct PayloadCodecTests {
    private static let dimension = 40

    /// Values as they may come: name and rows of `dimension`.
    static let samples: [(name: String, values: [Float])] = {
        var generator = SeededGenerator(seed: 7)
        func values(_ rows: Int, _ value: () -> Float) -> [Float] { (0..<rows * dimension).map { _ in value() } }
        func logNormal() -> Float { exp(2 * (generator.uniform(-1, 1) + generator.uniform(-1, 1)) - 1) }
        return [
            ("features", values(24) { generator.index(below: 100) < 45 ? 0 : logNormal() }),
            ("no zero", values(7, logNormal)), ("all zero", values(3) { 0 }), ("constant", values(5) { 0.37 }),
            ("random", values(9) { generator.uniform(-60000, 60000) }), ("nothing", []),
            ("one value", values(2) { 0 } + [1.5] + values(1) { 0 }.dropLast()),
            ("negative zeros", values(3) { generator.index(below: 2) == 0 ? -0.0 : 0 }),
            ("subnormal", values(3) { Float(generator.index(below: 9)) * .leastNonzeroMagnitude }),
            ("subnormal halves", values(3) { Float(generator.index(below: 9)) * 0x1p-24 }),
        ]
    }()

    private static func values(_ sample: [Float], _ type: RowType) -> [UInt8] {
        sample.withUnsafeBufferPointer { RowCoding(rowType: type, dimension: dimension).encode($0).values }
    }

    private func unpack(_ codec: PayloadCodec, _ stored: [UInt8], width: Int, count: Int) throws -> [UInt8] {
        var result = [UInt8](repeating: 0xAA, count: count)
        try result.withUnsafeMutableBytes { target in
            try stored.withUnsafeBytes { try codec.unpack($0, width: width, into: target) }
        }
        return result
    }

    private func pack(_ codec: PayloadCodec, _ values: [UInt8], width: Int) -> [UInt8]? {
        values.withUnsafeBytes { codec.pack($0, width: width) }
    }

    @Test("give back every kind of values in every row type", arguments: samples.indices, RowType.allCases)
    func roundTrip(sample: Int, type: RowType) throws {
        let (values, width) = (Self.values(Self.samples[sample].values, type), type.valueWidth)
        var sizes: [(PayloadCodec, [UInt8])] = []
        for codec in PayloadCodec.allCases {
            guard let stored = pack(codec, values, width: width) else {
                #expect(codec == .lz4 || codec == .zeroMaskLZ4 || values.isEmpty)
                continue
            }
            sizes.append((codec, stored))
            #expect(codec.canHold(stored: stored.count, raw: values.count, width: width))
            #expect(try unpack(codec, stored, width: width, count: values.count) == values, "\(codec)")
            for wrong in [values.count + 8 * width, values.count - 8 * width] where wrong >= 0 {
                #expect(throws: FormatFault.self, "\(codec)") {
                    try unpack(codec, stored, width: width, count: wrong)
                }
            }
        }
        let best = values.withUnsafeBytes { PayloadCodec.pack($0, width: width) }
        let least = try #require(sizes.map(\.1.count).min())
        let first = try #require(sizes.first { $0.1.count == least })
        #expect(best.codec == first.0 && best.bytes == first.1)
    }

    @Test("take from features what they promise: zeros first, then what Huffman can")
    func sizes() throws {
        for type in RowType.allCases {
            let values = Self.values(Self.samples[0].values, type)
            let width = type.valueWidth
            let kept = stride(from: 0, to: values.count, by: width).filter { start in
                values[start..<start + width].contains { $0 != 0 }
            }
            let mask = try #require(pack(.zeroMask, values, width: width))
            #expect(mask.count == values.count / width / 8 + kept.count * width)
            let tree = try #require(pack(.maskTree, values, width: width))
            #expect(tree.count <= mask.count + width)
        }
    }

    @Test("are these bytes")
    func golden() throws {
        // Five values of two bytes: 0, 0x0105, 0, 0x0106, 0x0100.
        let values: [UInt8] = [0, 0, 5, 1, 0, 0, 6, 1, 0, 1]
        #expect(pack(.raw, values, width: 2) == values)
        #expect(pack(.zeroMask, values, width: 2) == [0b11010, 5, 1, 6, 1, 0, 1])
        #expect(pack(.maskTree, values, width: 2) == [0b11010, 0, 5, 6, 0, 0, 1, 1, 1])
        let constant = [UInt8](repeating: 1, count: 9)
        #expect(pack(.maskTree, constant, width: 1) == [0xFF, 1, 1, 0, 1, 0])
    }

    @Test("refuse what is cut off at any byte, and what goes on", arguments: RowType.allCases)
    func truncated(type: RowType) throws {
        let (values, width) = (Self.values(Self.samples[0].values, type), type.valueWidth)
        for codec in PayloadCodec.allCases {
            guard let stored = pack(codec, values, width: width) else { continue }
            for length in 0..<stored.count {
                #expect(throws: FormatFault.self, "\(codec) \(length)") {
                    try unpack(codec, Array(stored[..<length]), width: width, count: values.count)
                }
            }
            #expect(throws: FormatFault.self, "\(codec)") {
                try unpack(codec, stored + [0], width: width, count: values.count)
            }
        }
    }

    @Test("take any bytes without harm", arguments: RowType.allCases)
    func hostile(type: RowType) throws {
        var generator = SeededGenerator(seed: 8)
        let (values, width) = (Self.values(Self.samples[0].values, type), type.valueWidth)
        for codec in PayloadCodec.allCases {
            let stored = pack(codec, values, width: width) ?? values
            for round in 0..<1500 {
                var bytes = stored
                if round % 3 == 0 {
                    let begin = generator.index(below: bytes.count)
                    for index in begin..<bytes.count { bytes[index] = UInt8(generator.index(below: 256)) }
                } else {
                    // Half of the flips where codes and counts stand, right behind the bitmap.
                    let front = Bitmap.byteCount(of: values.count / width) + 60
                    for _ in 0...generator.index(below: 4) {
                        let below = round % 2 == 0 ? min(front, bytes.count) : bytes.count
                        bytes[generator.index(below: below)] ^= 1 << UInt8(generator.index(below: 8))
                    }
                }
                _ = try? unpack(codec, bytes, width: width, count: values.count)
                let garbage = (0..<generator.index(below: 200)).map { _ in UInt8(generator.index(below: 256)) }
                _ = try? unpack(codec, garbage, width: width, count: width * generator.index(below: 300))
            }
        }
    }

    @Test("know what stored bytes can hold")
    func canHold() {
        #expect(PayloadCodec.raw.canHold(stored: 10, raw: 10, width: 2))
        #expect(!PayloadCodec.raw.canHold(stored: 9, raw: 9, width: 2))
        #expect(!PayloadCodec.raw.canHold(stored: 9, raw: 10, width: 2))
        #expect(PayloadCodec.zeroMask.canHold(stored: 2, raw: 32, width: 2))
        #expect(!PayloadCodec.zeroMask.canHold(stored: 2, raw: 34, width: 2))
        #expect(!PayloadCodec.zeroMask.canHold(stored: 35, raw: 32, width: 2))
        #expect(PayloadCodec.maskTree.canHold(stored: 4, raw: 32, width: 2))
        #expect(!PayloadCodec.maskTree.canHold(stored: 3, raw: 32, width: 2))
        #expect(PayloadCodec.zeroMaskLZ4.canHold(stored: 100, raw: 8 * 25_000, width: 1))
        #expect(!PayloadCodec.zeroMaskLZ4.canHold(stored: 100, raw: 8 * 26_000, width: 1))
        for codec in PayloadCodec.allCases {
            #expect(!codec.canHold(stored: -1, raw: 0, width: 1) && !codec.canHold(stored: 0, raw: -1, width: 1))
            #expect(!codec.canHold(stored: 64, raw: .max, width: 1))
            #expect(codec.canHold(stored: 0, raw: 0, width: 4) == (codec == .raw))
        }
    }
}
