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
        let gradient = distances.embeddingGradient(slopes: Matrix(rows: 2, columns: 2, repeating: 1))
        #expect(gradient.elements.allSatisfy { $0 == 0 })
    }

    @Test(
        "to a memory are those within a batch, and their derivatives those of finite differences",
        arguments: [
            EmbeddingDistance.euclidean(normalized: true), .euclidean(normalized: false),
            .squaredEuclidean(normalized: true),
            .cosine, .dotProduct(normalized: false),
        ])
    func memory(kind: EmbeddingDistance) {
        let (embeddings, references) = (Matrix.random(5, 7, seed: 3), Matrix.random(9, 7, seed: 4))
        let together = Matrix(rows: 14, columns: 7, elements: embeddings.elements + references.elements)
        let within = PairwiseDistances(together, kind).values
        let distances = PairwiseDistances(embeddings, to: references, kind)
        for row in 0..<5 { for other in 0..<9 { #expect(distances.values[row, other] == within[row, 5 + other]) } }
        let slopes = Matrix.random(5, 9, seed: 5)
        let naive = NaiveTripletLoss(loss: TripletMarginLoss(distance: kind))
        let expected = finiteDifferences(at: embeddings.doubles, step: 1e-6) { moved in
            moved.indices.reduce(0) { sum, row in
                (0..<9).reduce(sum) {
                    $0 + Double(slopes[row, $1]) * naive.distance(moved[row], references.doubles[$1])
                }
            }
        }
        expectClose(distances.embeddingGradient(slopes: slopes).elements, expected)
    }

    private struct Golden: Decodable {
        struct Case: Decodable {
            let distance: String
            let params: [String: ReferenceSetting]
            let input: String
            let mat: NestedNumbers
        }
        let cases: [Case]
    }

    @Test(
        "are pytorch-metric-learning's", .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let inputs: ReferenceInputs = try GoldenData.json("metric-learning/inputs.json")
        let golden: Golden = try GoldenData.json("metric-learning/distances.json")
        #expect(golden.cases.count == 10)
        for item in golden.cases {
            let kind = try EmbeddingDistance(ComponentDescription(item.distance, item.params.mapValues(\.argument)))
            let batch = try #require(inputs.inputs[item.input])
            let values = PairwiseDistances(batch.x.matrix, kind).values
            for row in 0..<values.rows {
                for column in 0..<row {
                    let expected = item.mat.elements[row * values.rows + column]
                    expectClose([(kind.isSimilarity ? -1 : 1) * values[row, column]], [expected], absolute: 1e-6)
                }
            }
        }
    }
}
