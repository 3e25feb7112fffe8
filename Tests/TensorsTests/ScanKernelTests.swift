import CKernels
import Testing

@testable import Tensors

@Suite("Scan kernels", .serialized)
struct ScanKernelTests {
    private static let levels = [FTC_LEVEL_PORTABLE, FTC_LEVEL_AVX2, FTC_LEVEL_AVX512, FTC_LEVEL_AVX512_VBMI2]
    private static let dimensions = [1, 7, 15, 16, 17, 63, 64, 65, 100, 127, 128, 129, 200, 512, 515]

    private func atEveryLevel(_ body: () -> Void) {
        defer { ftc_force_level(FTC_LEVEL_AVX512_VBMI2) }
        for level in Self.levels {
            ftc_force_level(level)
            body()
        }
    }

    private func values(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in generator.uniform(-1, 1) }
    }

    @Test("give the naive inner products of halves and of floats", arguments: dimensions)
    func floats(dimension: Int) {
        let (rows, query) = (values(5 * dimension, seed: 1), values(dimension, seed: 2))
        var halves = [UInt16](repeating: 0, count: rows.count)
        _ = rows.withUnsafeBufferPointer { source in
            halves.withUnsafeMutableBufferPointer { HalfPrecision.narrow(source, into: $0) }
        }
        func naive(_ rows: [Float]) -> [Double] {
            (0..<5).map { row in
                (0..<dimension).reduce(0) { $0 + Double(rows[row * dimension + $1]) * Double(query[$1]) }
            }
        }
        var exact = [Float](repeating: 0, count: rows.count)
        halves.withUnsafeBufferPointer { source in
            exact.withUnsafeMutableBufferPointer { HalfPrecision.widen(source, into: $0) }
        }
        let tolerance = 1e-6 * Double(dimension)
        atEveryLevel {
            var (fromHalves, fromFloats) = ([Float](repeating: .nan, count: 5), [Float](repeating: .nan, count: 5))
            query.withUnsafeBufferPointer { query in
                halves.withUnsafeBufferPointer { rows in
                    fromHalves.withUnsafeMutableBufferPointer { ScanKernels.dots(rows, query, into: $0) }
                }
                rows.withUnsafeBufferPointer { rows in
                    fromFloats.withUnsafeMutableBufferPointer { ScanKernels.dots(rows, query, into: $0) }
                }
            }
            #expect(zip(fromHalves, naive(exact)).allSatisfy { abs(Double($0) - $1) <= tolerance })
            #expect(zip(fromFloats, naive(rows)).allSatisfy { abs(Double($0) - $1) <= tolerance })
        }
    }

    @Test("for one row and for two rows give the naive inner products", arguments: dimensions)
    func single(dimension: Int) {
        let numbers = values(2 * dimension, seed: 6)
        var halves = [UInt16](repeating: 0, count: numbers.count)
        var exact = [Float](repeating: 0, count: numbers.count)
        _ = numbers.withUnsafeBufferPointer { source in
            halves.withUnsafeMutableBufferPointer { HalfPrecision.narrow(source, into: $0) }
        }
        halves.withUnsafeBufferPointer { source in
            exact.withUnsafeMutableBufferPointer { HalfPrecision.widen(source, into: $0) }
        }
        let query = values(dimension, seed: 7)
        let one = (0..<dimension).reduce(0) { $0 + Double(exact[$1]) * Double(query[$1]) }
        let two = (0..<dimension).reduce(0) { $0 + Double(exact[$1]) * Double(exact[dimension + $1]) }
        atEveryLevel {
            guard let dot = ftc_fastest_f16_dot(), let pair = ftc_fastest_f16_pair_dot() else { return }
            halves.withUnsafeBufferPointer { halves in
                guard let base = halves.baseAddress else { return }
                #expect(abs(Double(dot(base, query, dimension)) - one) <= 1e-6 * Double(dimension))
                #expect(abs(Double(pair(base, base + dimension, dimension)) - two) <= 1e-6 * Double(dimension))
            }
        }
    }

    @Test("give exact products of bytes", arguments: dimensions + [65536])
    func bytes(dimension: Int) {
        var generator = SeededGenerator(seed: 3)
        // The largest products first: sums of them must not saturate.
        var rows = [UInt8](repeating: 255, count: dimension)
        rows += (0..<2 * dimension).map { _ in UInt8(generator.index(below: 256)) }
        for query in [
            [Int8](repeating: 127, count: dimension), [Int8](repeating: -128, count: dimension),
            (0..<dimension).map { _ in Int8(generator.index(below: 255) - 127) },
        ] {
            let expected = (0..<3).map { row in
                (0..<dimension).reduce(0) { $0 + Int(rows[row * dimension + $1]) * Int(query[$1]) }
            }
            guard expected.allSatisfy({ Int32(exactly: $0) != nil }) else { continue }
            atEveryLevel {
                var dots = [Int32](repeating: 0, count: 3)
                rows.withUnsafeBufferPointer { rows in
                    query.withUnsafeBufferPointer { query in
                        dots.withUnsafeMutableBufferPointer { ScanKernels.dots(rows, query, into: $0) }
                    }
                }
                #expect(dots.map(Int.init) == expected)
            }
        }
    }

    @Test("find the scores that are not below their cutoffs, whatever the length", arguments: [0, 1, 15, 16, 17, 100])
    func reaching(count: Int) {
        var scores = values(count, seed: 4)
        let cutoffs = values(count, seed: 5)
        if count > 10 {
            (scores[3], scores[9]) = (.nan, cutoffs[9])
        }
        let expected = scores.indices.filter { !(scores[$0] < cutoffs[$0]) }.map(UInt32.init)
        atEveryLevel {
            var positions = [UInt32](repeating: .max, count: count)
            let found = scores.withUnsafeBufferPointer { scores in
                cutoffs.withUnsafeBufferPointer { cutoffs in
                    positions.withUnsafeMutableBufferPointer { ScanKernels.reaching(scores, cutoffs, into: $0) }
                }
            }
            #expect(Array(positions.prefix(found)) == expected)
        }
    }
}
