import Tensors
import Testing

@testable import Retrieval

@Suite("Cosine scores")
struct CosineScoresTests {
    @Test("of blocks are within the tolerance of those of pairs", arguments: [1, 7, 8, 64, 515, 2048])
    func tolerance(width: Int) {
        let scores = CosineScores(
            queries: Matrix.random(9, width, seed: 1).normalizedRows(),
            index: Matrix.random(30, width, seed: 2).normalizedRows())
        var scratch: [Float] = []
        scores.withBlock(2..<9, 5..<30, scratch: &scratch) { block in
            for query in 2..<9 {
                for item in 5..<30 {
                    let difference = block[(query - 2) * 25 + item - 5] - scores.pairScore(query: query, item: item)
                    #expect(abs(difference) <= scores.tolerance)
                }
            }
        }
    }

    @Test("of pairs are those of a plain sum in Double", arguments: [1, 8, 13])
    func exact(width: Int) {
        let (queries, index) = (Matrix.random(2, width, seed: 3), Matrix.random(3, width, seed: 4))
        let scores = CosineScores(queries: queries, index: index)
        for query in 0..<2 {
            for item in 0..<3 {
                let expected = zip(queries.row(query), index.row(item)).reduce(0.0) { $0 + Double($1.0) * Double($1.1) }
                #expect(abs(Double(scores.pairScore(query: query, item: item)) - expected) < 1e-6)
            }
        }
    }
}
