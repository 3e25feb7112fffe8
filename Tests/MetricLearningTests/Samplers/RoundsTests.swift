import Tensors
import Testing

@testable import MetricLearning

@Suite("Rounds")
struct RoundsTests {
    private func rounds(_ count: Int, handSize: Int) -> Rounds {
        Rounds(Array(0..<count), handSize: handSize, seed: 9, stream: 3)
    }

    @Test("give every card once before any comes again, in another order every round")
    func coverage() {
        let drawn = rounds(10, handSize: 1).hands(in: 0..<30).flatMap { $0 }
        for round in 0..<3 { #expect(Set(drawn[round * 10..<round * 10 + 10]).count == 10) }
        #expect(drawn[0..<10] != drawn[10..<20])
    }

    @Test(
        "give a hand by its number, whatever else is asked for", arguments: [(10, 1), (10, 4), (9, 4), (3, 5), (1, 2)])
    func numbers(count: Int, handSize: Int) {
        let all = rounds(count, handSize: handSize).hands(in: 0..<60)
        #expect(all.count == 60)
        for step in [1, 7, 13] {
            let parts = stride(from: 0, to: 60, by: step).flatMap {
                rounds(count, handSize: handSize).hands(in: $0..<min($0 + step, 60))
            }
            #expect(parts == all)
        }
        #expect(rounds(count, handSize: handSize).hands(in: 5..<5).isEmpty)
    }

    @Test("give distinct cards in a hand, also across rounds", arguments: 4..<20)
    func distinct(count: Int) {
        for hand in rounds(count, handSize: 4).hands(in: 2..<202) { #expect(Set(hand).count == 4) }
    }

    @Test("draw no card much more often than another", arguments: [(7, 3), (9, 4), (12, 5), (5, 5), (3, 4), (2, 7)])
    func evenness(count: Int, handSize: Int) {
        let rounds = rounds(count, handSize: handSize)
        var counts = [Int](repeating: 0, count: count)
        for (number, hand) in rounds.hands(in: 0..<100).enumerated() {
            let start = rounds.evenStart(before: number)
            if start.hand == number { #expect(counts.allSatisfy { $0 == start.draws }) }
            for card in hand { counts[card] += 1 }
            #expect((counts.max() ?? 0) - (counts.min() ?? 0) <= 2)
        }
    }

    @Test("repeat cards evenly where there are fewer than in a hand")
    func small() {
        for hand in rounds(2, handSize: 4).hands(in: 0..<20) { #expect(hand.sorted() == [0, 0, 1, 1]) }
        #expect(rounds(1, handSize: 3).hands(in: 0..<1) == [[0, 0, 0]])
    }

    @Test("bring every card together with every other, also where hands divide a round", arguments: [8, 9, 12])
    func meetings(count: Int) {
        let pairs = rounds(count, handSize: 4).hands(in: 0..<200).flatMap { hand in
            hand.flatMap { left in hand.filter { $0 < left }.map { [left, $0] } }
        }
        #expect(Set(pairs).count == count * (count - 1) / 2)
    }
}
