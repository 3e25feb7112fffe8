import CKernels
import Tensors
import Testing

/// The naive twins of mask.c.
private enum Naive {
    static func bitmap(_ bits: [Bool]) -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: (bits.count + 7) / 8)
        for (index, bit) in bits.enumerated() where bit { bytes[index / 8] |= 1 << (index % 8) }
        return bytes
    }

    /// Which values of `width` bytes have a bit that is not 0.
    static func nonzero(_ values: [UInt8], width: Int) -> [Bool] {
        stride(from: 0, to: values.count, by: width).map { start in
            values[start..<start + width].contains { $0 != 0 }
        }
    }

    static func kept(_ values: [UInt8], width: Int) -> [UInt8] {
        nonzero(values, width: width).enumerated().flatMap { index, bit in
            bit ? Array(values[index * width..<(index + 1) * width]) : []
        }
    }
}

extension KernelTests {
    private static let lengths = [
        0, 1, 2, 7, 8, 9, 15, 16, 17, 31, 32, 33, 63, 64, 65, 127, 128, 129, 191, 193, 500, 1000,
    ]

    /// Random bits of each length, from all 0 over a few ones to all 1.
    private func forEachBitmap(_ body: ([Bool], inout SeededGenerator) -> Void) {
        var generator = SeededGenerator(seed: 20)
        for count in Self.lengths {
            for percent in [0, 4, 50, 96, 100] {
                let bits = (0..<count).map { _ in generator.index(below: 100) < percent }
                body(bits, &generator)
            }
        }
    }

    private func random(_ count: Int, _ generator: inout SeededGenerator) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
    }

    @Test("Bits of a bitmap are counted as one by one, whatever the spare bits are")
    func bitCounts() {
        forEachBitmap { bits, _ in
            var bitmap = Naive.bitmap(bits)
            if bits.count % 8 > 0 { bitmap[bitmap.count - 1] |= 0xFF << (bits.count % 8) }
            let guarded = GuardedBytes(bitmap)
            atEveryLevel { level in
                #expect(
                    ftc_bit_count(guarded.pointer, bits.count) == bits.filter { $0 }.count, "\(bits.count) at \(level)")
            }
        }
    }

    @Test("Zeros go out and come back, at widths 1, 2, 4", arguments: [1, 2, 4])
    func zeroMask(width: Int) {
        forEachBitmap { bits, generator in
            // A value that is not zero may have bytes that are.
            let values = bits.flatMap { bit -> [UInt8] in
                var value = [UInt8](repeating: 0, count: width)
                if bit { value[generator.index(below: width)] = UInt8(1 + generator.index(below: 255)) }
                return value
            }
            let (source, count) = (GuardedBytes(values), bits.count)
            let kept = Naive.kept(values, width: width)
            atEveryLevel { level in
                let bitmap = GuardedBytes(count: (count + 7) / 8)
                let packed = GuardedBytes(count: values.count)
                let keptCount = ftc_zero_mask(source.pointer, count, width, bitmap.pointer, packed.pointer)
                #expect(keptCount * width == kept.count, "\(count) at \(level)")
                #expect(bitmap.bytes == Naive.bitmap(Naive.nonzero(values, width: width)), "\(count) at \(level)")
                #expect(Array(packed.bytes[..<kept.count]) == kept, "\(count) at \(level)")
                let (exact, back) = (GuardedBytes(kept), GuardedBytes(count: values.count))
                ftc_expand(bitmap.pointer, exact.pointer, keptCount, width, back.pointer, count)
                #expect(back.bytes == values, "\(count) at \(level)")
            }
        }
    }

    @Test("Expanding looks at no spare bit, and takes no more than there is")
    func expandOfWrongBitmap() {
        let (bitmap, packed) = (GuardedBytes([0xFF, 0xFF]), GuardedBytes([1, 2, 3]))
        atEveryLevel { level in
            let target = GuardedBytes(count: 11)
            ftc_expand(bitmap.pointer, packed.pointer, 3, 1, target.pointer, 11)
            #expect(target.bytes == [1, 2, 3] + [UInt8](repeating: 0, count: 8), "at \(level)")
        }
    }

    @Test("Bytes are compared with a bound")
    func atLeast() {
        var generator = SeededGenerator(seed: 21)
        for count in Self.lengths {
            let bytes = random(count, &generator)
            let source = GuardedBytes(bytes)
            for bound: UInt8 in [0, 1, 100, 128, 255] {
                let expected = bytes.map { $0 >= bound }
                atEveryLevel { level in
                    let bitmap = GuardedBytes(count: (count + 7) / 8)
                    let ones = ftc_at_least(source.pointer, count, bound, bitmap.pointer)
                    #expect(ones == expected.filter { $0 }.count, "\(count), \(bound) at \(level)")
                    #expect(bitmap.bytes == Naive.bitmap(expected), "\(count), \(bound) at \(level)")
                }
            }
        }
    }

    @Test("Bytes split by a bitmap and merge again")
    func splitAndMerge() {
        forEachBitmap { bits, generator in
            let bytes = random(bits.count, &generator)
            let zeros = zip(bits, bytes).filter { !$0.0 }.map(\.1)
            let ones = zip(bits, bytes).filter { $0.0 }.map(\.1)
            let (source, bitmap) = (GuardedBytes(bytes), GuardedBytes(Naive.bitmap(bits)))
            atEveryLevel { level in
                let (toZeros, toOnes) = (GuardedBytes(count: zeros.count), GuardedBytes(count: ones.count))
                ftc_split(bitmap.pointer, source.pointer, bits.count, toZeros.pointer, toOnes.pointer, ones.count)
                #expect(toZeros.bytes == zeros && toOnes.bytes == ones, "\(bits.count) at \(level)")
                let merged = GuardedBytes(count: bits.count)
                ftc_merge(
                    bitmap.pointer, toZeros.pointer, toOnes.pointer, ones.count, merged.pointer, bits.count)
                #expect(merged.bytes == bytes, "\(bits.count) at \(level)")
            }
        }
    }

    @Test("Values come apart into planes of bytes and together again", arguments: [1, 2, 4])
    func planes(width: Int) {
        var generator = SeededGenerator(seed: 22)
        for count in Self.lengths {
            let values = random(count * width, &generator)
            let expected = (0..<width).flatMap { plane in (0..<count).map { values[$0 * width + plane] } }
            let (source, planes) = (GuardedBytes(values), GuardedBytes(count: values.count))
            ftc_split_planes(source.pointer, count, width, planes.pointer)
            #expect(planes.bytes == expected)
            let back = GuardedBytes(count: values.count)
            ftc_join_planes(planes.pointer, count, width, back.pointer)
            #expect(back.bytes == values)
        }
    }
}
