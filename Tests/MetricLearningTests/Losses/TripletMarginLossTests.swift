import Tensors
import Testing

@testable import MetricLearning

@Suite("The triplet margin loss")
struct TripletMarginLossTests {
    static let variants: [TripletMarginLoss] = [
        TripletMarginLoss(), TripletMarginLoss(margin: 0.3, swap: true), TripletMarginLoss(smooth: true),
        TripletMarginLoss(margin: 0.2, swap: true, smooth: true), TripletMarginLoss(margin: 0.2, reducer: .mean),
        TripletMarginLoss(margin: 0.4, distance: .cosine), TripletMarginLoss(swap: true, distance: .cosine),
        TripletMarginLoss(distance: .squaredEuclidean(normalized: true)),
        TripletMarginLoss(distance: .euclidean(normalized: false)),
        TripletMarginLoss(margin: 0.7, swap: true, distance: .squaredEuclidean(normalized: false), reducer: .mean),
        TripletMarginLoss(margin: 0.5, distance: .dotProduct(normalized: false), reducer: .sum),
        TripletMarginLoss(margin: 0.3, reducer: .threshold(low: 0.1, high: 0.4)),
    ]
    private let labels = [0, 1, 0, 2, 1, 1, 2, 0, 3]

    @Test("has the value of three nested loops and the derivatives of finite differences", arguments: variants)
    func twin(loss: TripletMarginLoss) {
        let embeddings = Matrix.random(labels.count, 5, seed: 31)
        let naive = NaiveTripletLoss(loss: loss)
        let result = loss.evaluate(embeddings: embeddings, labels: labels, tuples: nil)
        expectClose([result.value], [naive.value(embeddings.doubles, labels)], "loss")
        let gradient = finiteDifferences(at: embeddings.doubles, step: 1e-6) { naive.value($0, labels) }
        expectClose(result.gradient.elements, gradient, "gradient")
    }

    @Test("is the same for all triplets and for the list of all triplets", arguments: variants)
    func listed(loss: TripletMarginLoss) {
        let embeddings = Matrix.random(labels.count, 5, seed: 32)
        var triplets: [Triplet] = []
        for a in labels.indices {
            for p in labels.indices where p != a && labels[p] == labels[a] {
                for n in labels.indices where labels[n] != labels[a] {
                    triplets.append(Triplet(anchor: a, positive: p, negative: n))
                }
            }
        }
        let all = loss.evaluate(embeddings: embeddings, labels: labels, tuples: nil)
        let list = loss.evaluate(embeddings: embeddings, labels: labels, tuples: .triplets(triplets))
        expectClose([all.value], [Double(list.value)], relative: 1e-6)
        expectClose(all.gradient.elements, list.gradient.elements.map(Double.init), absolute: 1e-6)
    }

    @Test("many triplets in vectors have the value of three nested loops")
    func vectors() {
        let labels = (0..<36).map { $0 % 3 }
        let embeddings = Matrix.random(36, 3, seed: 33)
        for reducer in [LossReducer.averageNonZero, .mean, .sum] {
            let loss = TripletMarginLoss(margin: 0.3, reducer: reducer)
            let naive = NaiveTripletLoss(loss: loss)
            let result = loss.evaluate(embeddings: embeddings, labels: labels, tuples: nil)
            expectClose([result.value], [naive.value(embeddings.doubles, labels)], "loss")
            let gradient = finiteDifferences(at: embeddings.doubles, step: 1e-6) { naive.value($0, labels) }
            expectClose(
                result.gradient.elements, gradient, absolute: 5e-5 * Double(reducer == .sum ? 1000 : 1), "gradient")
        }
    }

    @Test("shares the derivative at a tie of the two negatives' distances")
    func tie() {
        let loss = TripletMarginLoss(margin: 1, swap: true, distance: .euclidean(normalized: false))
        let embeddings = Matrix(rows: 3, columns: 2, elements: [-1, 0, 1, 0, 0, 1])
        let all = loss.evaluate(embeddings: embeddings, labels: [0, 0, 1], tuples: nil)
        let list = loss.evaluate(
            embeddings: embeddings, labels: [0, 0, 1],
            tuples: .triplets([
                Triplet(anchor: 0, positive: 1, negative: 2), Triplet(anchor: 1, positive: 0, negative: 2),
            ]))
        #expect(all.gradient[0, 0] == -all.gradient[1, 0])
        expectClose(all.gradient.elements, list.gradient.elements.map(Double.init), absolute: 1e-6)
    }

    @Test("is 0 without derivatives where there is no triplet")
    func empty() {
        let embeddings = Matrix.random(3, 2, seed: 1)
        for (labels, tuples) in [([0, 0, 0], nil), ([0, 1, 2], nil), ([0, 0, 1], MinedTuples.triplets([]))] {
            let result = TripletMarginLoss().evaluate(embeddings: embeddings, labels: labels, tuples: tuples)
            #expect(result.value == 0)
            #expect(result.gradient.elements.allSatisfy { $0 == 0 })
        }
    }

    @Test("is not a number where an embedding is not", arguments: [false, true])
    func notANumber(smooth: Bool) {
        var embeddings = Matrix.random(4, 2, seed: 1)
        embeddings[1, 1] = .nan
        let loss = TripletMarginLoss(smooth: smooth)
        #expect(loss.evaluate(embeddings: embeddings, labels: [0, 0, 1, 1], tuples: nil).value.isNaN)
    }
}
