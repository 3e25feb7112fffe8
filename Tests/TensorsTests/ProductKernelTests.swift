import CKernels
import Tensors
import Testing

extension KernelTests {
    private func random(_ count: Int, seed: UInt64) -> [Float] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in generator.uniform(-1, 1) }
    }

    /// Sixteen lanes, added up one after the other, then what fills no lanes.
    private func sum(_ terms: [Float]) -> Float {
        let whole = terms.count - terms.count % 16
        let lanes = (0..<16).map { lane in stride(from: lane, to: whole, by: 16).reduce(Float(0)) { $0 + terms[$1] } }
        return lanes.reduce(0, +) + terms[whole...].reduce(0, +)
    }

    @Test("Products and distances of several rows have the bits of one sum in sixteen lanes, at every level")
    func sumsOverPairs() {
        for (count, dimension) in [(1, 1), (1, 15), (2, 16), (3, 33), (4, 64), (5, 100), (9, 512)] {
            let (rows, query) = (random(count * dimension, seed: 1), random(dimension, seed: 2))
            let pairs = (0..<count).map { row in zip(rows[row * dimension..<(row + 1) * dimension], query) }
            let products = pairs.map { sum($0.map { $0 * $1 }) }
            let distances = pairs.map { sum($0.map { ($0 - $1) * ($0 - $1) }) }
            atEveryLevel { level in
                var found = [Float](repeating: 7, count: count + 3)
                ftc_dot_products(rows, count, dimension, query, &found)
                #expect(found == products + [7, 7, 7], "\(count) of \(dimension) at \(level)")
                ftc_squared_distances(rows, count, dimension, query, &found)
                #expect(found == distances + [7, 7, 7], "\(count) of \(dimension) at \(level)")
            }
            rows.withUnsafeBufferPointer { rows in
                query.withUnsafeBufferPointer { query in
                    let row = rows.extracting(0..<dimension)
                    #expect(VectorKernels.dotProduct(row, query) == products[0])
                    #expect(VectorKernels.squaredDistance(row, query) == distances[0])
                }
            }
        }
    }

    @Test("Vectors without values are at distance 0")
    func emptyVectors() {
        let none = UnsafeBufferPointer<Float>(start: nil, count: 0)
        #expect(VectorKernels.dotProduct(none, none) == 0 && VectorKernels.squaredDistance(none, none) == 0)
        var products: [Float] = [7, 7]
        products.withUnsafeMutableBufferPointer { VectorKernels.dotProducts(of: none, with: none, into: $0) }
        #expect(products == [0, 0])
    }

    @Test("A matrix is transposed at every level, whole blocks and what is left, and nothing else is written")
    func transposing() {
        for (rows, columns) in [(1, 1), (16, 16), (15, 17), (33, 16), (16, 40), (50, 70)] {
            let (from, to) = (columns + 3, rows + 5)
            let source = random(rows * from, seed: 3)
            var expected = [Float](repeating: 7, count: columns * to)
            for row in 0..<rows {
                for column in 0..<columns { expected[column * to + row] = source[row * from + column] }
            }
            atEveryLevel { level in
                var target = [Float](repeating: 7, count: columns * to)
                ftc_transpose(source, rows, columns, from, &target, to)
                #expect(target == expected, "[\(rows), \(columns)] at \(level)")
            }
        }
    }

    @Test("Values are rounded to the nearest bfloat16 at every level: ties to even, NaN kept")
    func bfloat16Rounding() {
        var values: [Float] = [1, 1.00390625, 1.01171875, -1.0039064, 0, -0.0, .infinity, -.infinity, 3.4e38, 0x1p-140]
        values += random(1000, seed: 4) + [.nan, -.nan, .signalingNaN, Float(bitPattern: 0x7F80_0001)]
        let neighbors = values.map { value -> [Float] in
            let below = Float(bitPattern: value.bitPattern & 0xFFFF_0000)
            return [below, Float(bitPattern: below.bitPattern &+ 0x1_0000)]
        }
        atEveryLevel { level in
            for count in [values.count, 1, 17] {
                var rounded = [UInt16](repeating: 7, count: values.count)
                ftc_f32_to_bf16(values, &rounded, count)
                #expect(rounded[count...].allSatisfy { $0 == 7 })
                for index in 0..<count {
                    let (value, found) = (values[index], Float(bitPattern: UInt32(rounded[index]) << 16))
                    guard !value.isNaN else {
                        #expect(found.isNaN)
                        continue
                    }
                    guard value.isFinite, found.isFinite else {
                        #expect(found == value || abs(value) > 3.39e38, "\(value) at \(level)")
                        continue
                    }
                    let errors = neighbors[index].map { abs($0 - value) }
                    #expect(abs(found - value) == min(errors[0], errors[1]), "\(value) at \(level)")
                    if errors[0] == errors[1] { #expect(rounded[index] % 2 == 0, "\(value) at \(level)") }
                }
            }
        }
    }
}
