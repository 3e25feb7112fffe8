import Testing

@testable import MetricLearning

@Suite("Mined tuples")
struct MinedTuplesTests {
    @Test("turn pairs into all triplets that share an anchor, keeping duplicates")
    func pairs() {
        let tuples = MinedTuples.pairs(
            positive: [(0, 1), (0, 2), (3, 4), (0, 1)].map { AnchoredPair(anchor: $0.0, other: $0.1) },
            negative: [(0, 5), (0, 6), (7, 8)].map { AnchoredPair(anchor: $0.0, other: $0.1) })
        let expected = [(0, 1, 5), (0, 1, 6), (0, 2, 5), (0, 2, 6), (0, 1, 5), (0, 1, 6)]
        #expect(tuples.triplets == expected.map { Triplet(anchor: $0.0, positive: $0.1, negative: $0.2) })
    }

    @Test("keep triplets as they are")
    func triplets() {
        let triplet = Triplet(anchor: 3, positive: 2, negative: 70_000)
        #expect(MinedTuples.triplets([triplet]).triplets == [triplet])
        #expect([triplet.anchor, triplet.positive, triplet.negative] == [3, 2, 70_000])
        #expect(MinedTuples.pairs(positive: [], negative: []).triplets.isEmpty)
    }
}
