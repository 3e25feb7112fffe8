import Tensors
import Testing

@testable import MetricLearning

@Suite("The triplet margin miner")
struct TripletMarginMinerTests {
    /// One anchor row at 0 on a line, its positive at 1, negatives at the given places.
    private func negatives(_ kind: TripletMarginMiner.Kind, margin: Float = 0.5, at places: [Float]) -> [Float] {
        let embeddings = Matrix(rows: places.count + 2, columns: 1, elements: [0, 1] + places)
        let labels = [0, 0] + places.indices.map { $0 + 1 }
        return TripletMarginMiner(margin: margin, kind: kind, distance: .euclidean(normalized: false))
            .mine(embeddings: embeddings, labels: labels).triplets
            .filter { $0.anchor == 0 }.map { places[$0.negative - 2] }
    }

    @Test("chooses by the gap, boundaries as pytorch-metric-learning has them")
    func kinds() {
        let places: [Float] = [-0.5, -1, -1.25, -1.5, -1.75]
        #expect(negatives(.all, at: places) == [-0.5, -1, -1.25, -1.5])
        #expect(negatives(.hard, at: places) == [-0.5, -1])
        #expect(negatives(.semihard, at: places) == [-1.25, -1.5])
        #expect(negatives(.easy, at: places) == [-1.75])
    }

    @Test("never takes a gap above a negative margin for a violation")
    func negativeMargin() {
        #expect(negatives(.hard, margin: -0.25, at: [-0.5, -0.9]) == [-0.5])
    }

    @Test("finds nothing without a pair of one class, or with one class")
    func nothing() {
        let embeddings = Matrix.random(3, 2, seed: 1)
        for labels in [[0, 1, 2], [0, 0, 0]] {
            #expect(TripletMarginMiner().mine(embeddings: embeddings, labels: labels).triplets.isEmpty)
        }
    }
}
