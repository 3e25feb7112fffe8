import CKernels
import Tensors
import Testing

/// Kernels at every level this processor has. Serialized: the level is one for the whole process.
@Suite("C kernels", .serialized)
struct KernelTests {
    func atEveryLevel(_ body: (ftc_level) throws -> Void) rethrows {
        defer { ftc_force_level(FTC_LEVEL_AVX512_VBMI2) }
        for level in [FTC_LEVEL_PORTABLE, FTC_LEVEL_AVX2, FTC_LEVEL_AVX512, FTC_LEVEL_AVX512_VBMI2] {
            ftc_force_level(level)
            try body(level)
        }
    }

    private func widened(_ halves: [UInt16]) -> [Float] {
        [Float](unsafeUninitializedCapacity: halves.count) { target, count in
            halves.withUnsafeBufferPointer { ftc_f16_to_f32($0.baseAddress, target.baseAddress, halves.count) }
            count = halves.count
        }
    }

    private func narrowed(_ floats: [Float]) -> (halves: [UInt16], bad: Int) {
        var bad = 0
        let halves = [UInt16](unsafeUninitializedCapacity: floats.count) { target, count in
            bad = floats.withUnsafeBufferPointer { ftc_f32_to_f16($0.baseAddress, target.baseAddress, floats.count) }
            count = floats.count
        }
        return (halves, bad)
    }

    @Test("All 65,536 halves widen to Swift's own value and back")
    func halves() {
        let all = (0...UInt16.max).map { $0 }
        atEveryLevel { level in
            let floats = widened(all)
            for (half, float) in zip(all, floats) {
                let expected = Float(Float16(bitPattern: half))
                #expect(float == expected || (float.isNaN && expected.isNaN), "\(half) at \(level)")
            }
            let (back, bad) = narrowed(floats)
            #expect(zip(all, back).allSatisfy { $0 == $1 || Float16(bitPattern: $0).isNaN })
            #expect(bad == 2 * 1024)  // both infinities and all NaNs
        }
    }

    @Test("Floats narrow as Swift rounds them: ties to even, overflow counted, subnormals kept")
    func narrowing() {
        var generator = SeededGenerator(seed: 4)
        var floats: [Float] = [
            65504, 65519.996, 65520, -65520, .nan, .infinity, 0x1p-24, 0x1p-25, 0x1.8p-25, -0.0, 6e-8,
        ]
        floats += (0..<4000).map { _ in
            Float(bitPattern: UInt32(truncatingIfNeeded: generator.next()) & 0x8FFF_FFFF | 0x3000_0000)
        }
        atEveryLevel { level in
            let (halves, bad) = narrowed(floats)
            for (float, half) in zip(floats, halves) where !float.isNaN {
                #expect(Float16(bitPattern: half) == Float16(float), "\(float) at \(level)")
            }
            #expect(bad == floats.filter { !Float16($0).isFinite }.count)
        }
    }

    @Test("CRC-32C of known vectors, in one piece or several, at every level")
    func checksum() {
        let vectors: [([UInt8], UInt32)] = [
            (Array("123456789".utf8), 0xE306_9283), ([UInt8](repeating: 0, count: 32), 0x8A91_36AA),
            ([UInt8](repeating: 0xFF, count: 32), 0x62A8_AB43), ((0..<32).map { $0 }, 0x46DD_794E), ([], 0),
        ]
        var generator = SeededGenerator(seed: 5)
        let long = (0..<1001).map { _ in UInt8(truncatingIfNeeded: generator.next()) }
        var sums: Set<UInt32> = []
        atEveryLevel { _ in
            for (bytes, expected) in vectors { #expect(Checksum.crc32c(bytes) == expected) }
            sums.insert(Checksum.crc32c(long))
            for cut in [0, 1, 7, 500, 1001] {
                let whole = long.withUnsafeBytes { bytes in
                    Checksum.crc32c(
                        UnsafeRawBufferPointer(rebasing: bytes[cut...]),
                        seed: Checksum.crc32c(UnsafeRawBufferPointer(rebasing: bytes[..<cut])))
                }
                sums.insert(whole)
            }
        }
        #expect(sums.count == 1)
    }
}
