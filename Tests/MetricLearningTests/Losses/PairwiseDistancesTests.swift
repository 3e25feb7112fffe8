import GoldenData
import Tensors
import Testing

@testable import MetricLearning

@Suite("Pairwise distances")
struct PairwiseDistancesTests {
    @Test("are symmetric, 0 for identical rows, and equal for equal pairs")
    func duplicates() {
        var embeddings = Matrix.random(40, 33, seed: 2)
        for column in 0..<33 { embeddings[17, column] = embeddings[3, column] }
        let values = PairwiseDistances(embeddings, .euclidean(normalized: true)).values
        #expect(values == values.transposed)
        #expect(values[3, 17] == 0)
        for row in 0..<40 where row != 3 && row != 17 { #expect(values[row, 3] == values[row, 17]) }
    }

    @Test("keep their digits for near duplicates")
    func nearDuplicates() {
        var embeddings = Matrix(rows: 2, columns: 64, repeating: 1)
        embeddings[1, 5] += 0x1p-12
        let values = PairwiseDistances(embeddings, .euclidean(normalized: false)).values
        #expect(values[0, 1] == 0x1p-12)
    }

    @Test("have no derivative at distance 0")
    func zeroDistance() {
        let embeddings = Matrix(rows: 2, columns: 3, elements: [1, 2, 3, 1, 2, 3])
        let distances = PairwiseDistances(embeddings, .euclidean(normalized: true))
        let gradient = distances.embeddingGradient(slopes: Matrix(rows: 2, columns: 2, repeating: 1), factor: 1)
        #expect(gradient.elements.allSatisfy { $0 == 0 })
    }

    private struct Golden: Decodable {
        struct Case: Decodable {
            let distance: String
            let params: Parameters
            let input: String
            let mat: NestedNumbers
        }
        struct Parameters: Decodable {
            let power: Int?
            let normalize_embeddings: Bool?
        }
        let cases: [Case]
    }

    @Test(
        "are pytorch-metric-learning's", .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let inputs: ReferenceInputs = try GoldenData.json("metric-learning/inputs.json")
        let golden: Golden = try GoldenData.json("metric-learning/distances.json")
        for item in golden.cases where item.distance != "DotProductSimilarity" {
            let reference = ReferenceDistance(
                type: item.distance, power: item.params.power, normalize_embeddings: item.params.normalize_embeddings)
            let batch = try #require(inputs.inputs[item.input])
            let values = PairwiseDistances(batch.x.matrix, reference.distance).values
            for row in 0..<values.rows {
                for column in 0..<row {
                    let expected = item.mat.elements[row * values.rows + column]
                    let sign: Float = reference.distance == .cosine ? -1 : 1
                    expectClose([sign * values[row, column]], [expected], absolute: 1e-6, "\(item.distance)")
                }
            }
        }
    }
}
