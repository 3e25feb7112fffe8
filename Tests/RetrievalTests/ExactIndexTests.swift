import Tensors
import Testing

@testable import Retrieval

@Suite("The exact index")
struct ExactIndexTests {
    @Test("finds what a full sort finds, whatever the block size", arguments: [1, 5, 100, 1000])
    func twin(rowsPerBlock: Int) {
        let (queries, embeddings) = (Matrix.random(21, 17, seed: 1), Matrix.randomWithDuplicates(203, 17, seed: 2))
        let results = ExactIndex(VectorRows(normalizing: embeddings), rowsPerBlock: rowsPerBlock).search(queries, k: 12)
        #expect(results.count == 21)
        for (row, neighbors) in results.enumerated() {
            #expect(neighbors.map(\.index) == Array(NaiveRetrieval.ranking(queries, row, embeddings).prefix(12)))
            #expect(neighbors.map(\.score) == neighbors.map(\.score).sorted(by: >))
        }
    }

    @Test("gives the same bits, scores included, for every block size and for queries alone or together")
    func sameBits() {
        let (queries, embeddings) = (Matrix.random(40, 33, seed: 5), Matrix.randomWithDuplicates(500, 33, seed: 6))
        let expected = ExactIndex(embeddings).search(queries, k: 9)
        for rows in [1, 3, 333, 4096] {
            #expect(
                ExactIndex(VectorRows(normalizing: embeddings), rowsPerBlock: rows).search(queries, k: 9) == expected)
        }
        for row in 0..<40 {
            #expect(ExactIndex(embeddings).search(queries.rows(in: row..<row + 1), k: 9) == [expected[row]])
        }
    }

    @Test("puts equal rows in the order of their indices")
    func ties() {
        let embeddings = Matrix(rows: 100, columns: 3, repeating: 0.3)
        let neighbors = ExactIndex(VectorRows(normalizing: embeddings), rowsPerBlock: 13).search(
            embeddings.rows(in: 0..<1), k: 5)[0]
        #expect(neighbors.map(\.index) == [0, 1, 2, 3, 4])
        #expect(neighbors.allSatisfy { abs($0.score - 1) < 1e-6 })
    }

    @Test("scores by the angle, not by the length")
    func cosine() {
        let embeddings = Matrix(rows: 4, columns: 2, elements: [100, 0, 0.1, 0.1, -3, 0, 0, 0])
        let neighbors = ExactIndex(embeddings).search(Matrix(rows: 1, columns: 2, elements: [2, 2]), k: 4)[0]
        #expect(neighbors.map(\.index) == [1, 0, 3, 2])
        let expected: [Float] = [1, Float(0.5).squareRoot(), 0, -Float(0.5).squareRoot()]
        #expect(zip(neighbors, expected).allSatisfy { abs($0.score - $1) < 1e-6 })
    }

    @Test("gives all rows where fewer than k are there or eligible")
    func fewRows() {
        let embeddings = Matrix.random(5, 3, seed: 1)
        let index = ExactIndex(embeddings)
        #expect(index.count == 5)
        #expect(index.search(embeddings, k: 100).allSatisfy { $0.count == 5 })
        let eligible = [true, false, true, false, false]
        let found = index.search(embeddings, k: 3, excluding: nil, among: eligible)
        #expect(found.allSatisfy { Set($0.map(\.index)) == [0, 2] })
        #expect(ExactIndex(Matrix(rows: 0, columns: 3)).search(embeddings, k: 2).allSatisfy { $0.isEmpty })
        #expect(index.search(Matrix(rows: 0, columns: 3), k: 2).isEmpty)
    }

    @Test("leaves out the row that belongs to the query")
    func exclusion() {
        let embeddings = Matrix.randomWithDuplicates(60, 5, seed: 3)
        let own: [Int?] = (0..<60).map { $0.isMultiple(of: 4) ? nil : $0 }
        for (row, neighbors) in ExactIndex(VectorRows(normalizing: embeddings), rowsPerBlock: 500).search(
            embeddings, k: 8, excluding: own
        )
        .enumerated() {
            let expected = NaiveRetrieval.ranking(embeddings, row, embeddings, excluding: own[row])
            #expect(neighbors.map(\.index) == Array(expected.prefix(8)))
        }
    }

    @Test("puts rows that are not finite last and survives such a query", arguments: [1, 1024])
    func notFinite(rowsPerBlock: Int) {
        var embeddings = Matrix.random(6, 3, seed: 9)
        embeddings[1, 2] = .nan
        embeddings[4, 0] = .infinity
        let index = ExactIndex(VectorRows(normalizing: embeddings), rowsPerBlock: rowsPerBlock)
        let neighbors = index.search(Matrix.random(1, 3, seed: 2), k: 6)[0]
        #expect(neighbors.map(\.index).suffix(2) == [1, 4])
        #expect(neighbors.suffix(2).allSatisfy { $0.score == -.infinity })
        #expect(Set(neighbors.map(\.index)).count == 6)
        let lost = index.search(Matrix(rows: 1, columns: 3, repeating: .nan), k: 3)[0]
        #expect(lost.map(\.index) == [0, 1, 2])
    }
}
