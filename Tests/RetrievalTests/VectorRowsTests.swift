import Tensors
import Testing

@testable import Retrieval

@Suite("Vectors of every type")
struct VectorRowsTests {
    private static let kinds: [VectorElement] = [.float32, .float16, .uint8]

    private func rows(_ embeddings: Matrix, _ element: VectorElement) -> VectorRows {
        let rows = VectorRows(normalizing: embeddings)
        return switch element {
        case .float32: rows
        case .float16: rows.asFloat16
        case .uint8: rows.asUInt8
        }
    }

    @Test("are searched as a full sort of their pair scores says", arguments: kinds, [1, 40])
    func twin(element: VectorElement, queryCount: Int) {
        let vectors = rows(Matrix.randomWithDuplicates(700, 37, seed: 2), element)
        let queries = Matrix.random(queryCount, 37, seed: 3)
        let found = ExactIndex(vectors, rowsPerBlock: 100).search(queries, k: 9)
        let unit = queries.normalizedRows()
        for query in 0..<queryCount {
            let scores = unit.withUnsafeElements { values in
                (0..<700).map { vectors.score(of: $0, with: values.extracting(query * 37..<(query + 1) * 37)) }
            }
            let order = scores.indices.sorted { (-scores[$0], $0) < (-scores[$1], $1) }
            #expect(found[query].map(\.index) == Array(order.prefix(9)))
            #expect(found[query].map(\.score) == order.prefix(9).map { scores[$0] })
        }
    }

    @Test("scanned as bytes are found in the exact order of their halves", arguments: [1, 64])
    func rescored(queryCount: Int) {
        // Close together, so that bytes alone would mistake their order.
        let center = Matrix.random(1, 96, seed: 8)
        var cloud = Matrix.random(4000, 96, seed: 9)
        cloud.withUnsafeMutableElements { values in
            for index in values.indices { values[index] = center[0, index % 96] + 0.2 * values[index] }
        }
        let halves = VectorRows(normalizing: cloud).asFloat16
        let queries = cloud.rows(in: 100..<100 + queryCount)
        let expected = ExactIndex(halves).search(queries, k: 20)
        #expect(ExactIndex(halves, scanning: halves.asUInt8).search(queries, k: 20) == expected)
        #expect(
            ExactIndex(halves.asUInt8).search(queries, k: 20).map { $0.map(\.index) }
                != expected.map { $0.map(\.index) })
    }

    @Test("are found within a score, and none beyond it", arguments: kinds, [1, 40])
    func within(element: VectorElement, queryCount: Int) {
        let vectors = rows(Matrix.randomWithDuplicates(700, 37, seed: 2), element)
        let queries = Matrix.random(queryCount, 37, seed: 3)
        let index = ExactIndex(vectors)
        let all = index.search(queries, k: 700)
        let near = index.search(queries, k: 700, within: 0.2)
        #expect(near == all.map { $0.filter { $0.score >= 0.2 } })
        #expect(near.joined().count > queryCount && near.joined().count < 300 * queryCount)
        #expect(index.search(queries, k: 5, within: 0.2) == near.map { Array($0.prefix(5)) })
    }

    @Test("in several pieces are the rows of one")
    func pieces() {
        let embeddings = Matrix.random(50, 6, seed: 4)
        let whole = VectorRows(normalizing: embeddings)
        let values = whole.matrix(0..<50).elements
        let split = VectorRows(
            [
                .init(memory: .floats(values), count: 20), .init(memory: .floats(values), offset: 20 * 24, count: 0),
                .init(memory: .floats(Array(values[(20 * 6)...])), count: 11),
                .init(memory: .floats(values), offset: 31 * 24, count: 19),
            ], dimension: 6, element: .float32)
        #expect(split.matrix(0..<50) == whole.matrix(0..<50))
        #expect(split.matrix(18..<33) == whole.matrix(18..<33))
        let queries = Matrix.random(3, 6, seed: 5)
        #expect(ExactIndex(split).search(queries, k: 5) == ExactIndex(whole).search(queries, k: 5))
    }

    @Test("keep their numbers within half a step of their type")
    func rounding() {
        let rows = VectorRows(normalizing: Matrix.random(30, 64, seed: 6))
        let (exact, halves, bytes) = (rows.matrix(0..<30), rows.asFloat16.matrix(0..<30), rows.asUInt8.matrix(0..<30))
        for row in 0..<30 {
            let largest = exact.row(row).map { abs($0) }.max() ?? 0
            for column in 0..<64 {
                #expect(abs(halves[row, column] - exact[row, column]) <= abs(exact[row, column]) * 0x1p-11 + 0x1p-25)
                #expect(abs(bytes[row, column] - exact[row, column]) <= largest / 254 * 1.001)
            }
        }
    }

    @Test("of halves have the length 1 for scores, whatever rounding did to them")
    func lengths() {
        // Two numbers that round the same way each.
        var peaked = Matrix(rows: 2, columns: 8)
        for column in 0..<2 { (peaked[0, column], peaked[1, column]) = (0.70703125 + 0.00022, 0.70703125 - 0.00022) }
        let rows = VectorRows([.init(memory: .floats(peaked.elements), count: 2)], dimension: 8, element: .float32)
            .asFloat16
        for (position, found) in ExactIndex(rows).search(peaked, k: 1).enumerated() {
            #expect(abs((found.first?.score ?? 0) - 1) < 1e-6, "row \(position)")
        }
    }

    @Test("that are not finite come last", arguments: kinds, [1, 12])
    func notFinite(element: VectorElement, queryCount: Int) {
        var embeddings = Matrix.random(6, 3, seed: 9)
        embeddings[1, 2] = .nan
        let found = ExactIndex(rows(embeddings, element)).search(Matrix.random(queryCount, 3, seed: 2), k: 6)
        for neighbors in found {
            #expect(Set(neighbors.map(\.index)).count == 6)
            if element != .uint8 { #expect(neighbors.last?.index == 1) }
        }
        let lost = ExactIndex(rows(embeddings, element)).search(
            Matrix(rows: queryCount, columns: 3, repeating: .nan), k: 3)
        #expect(lost.allSatisfy { $0.map(\.index) == [0, 1, 2] })
    }
}
