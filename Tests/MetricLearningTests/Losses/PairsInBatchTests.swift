import MetricLearning
import Tensors
import Testing

@Suite("A loss over scored pairs, as one over a batch")
struct PairsInBatchTests {
    private let scores: [Float] = [0.2, -0.5, 1, 0.9]

    private func loss(_ embeddings: Matrix, _ labels: [Int]) -> LossEvaluation {
        PairsInBatch(CosineSimilarityLoss(), scores: scores).evaluate(
            embeddings: embeddings, labels: labels, tuples: nil)
    }

    @Test("has the derivatives that finite differences have")
    func gradient() {
        var generator = SeededGenerator(seed: 2)
        let labels = [2, 0, 3, 2, 0, 3]
        let embeddings = Matrix(rows: 6, columns: 5, elements: (0..<30).map { _ in generator.uniform(-1, 1) })
        let found = loss(embeddings, labels).gradient
        for index in embeddings.elements.indices {
            let step: Float = 1e-2
            var (up, down) = (embeddings.elements, embeddings.elements)
            up[index] += step
            down[index] -= step
            let values = [up, down].map { loss(Matrix(rows: 6, columns: 5, elements: $0), labels).value }
            #expect(abs((values[0] - values[1]) / (2 * step) - found.elements[index]) < 2e-3, "\(index)")
        }
    }

    @Test("takes the score of the pair that the label names")
    func scoresByLabel() {
        let same = Matrix(rows: 2, columns: 2, elements: [1, 0, 1, 0])
        #expect(abs(loss(same, [0, 0]).value - 0.64) < 1e-6)
        #expect(abs(loss(same, [2, 2]).value) < 1e-6)
    }
}
