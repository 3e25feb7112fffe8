import Tensors
import Testing

@testable import MetricLearning

@Suite("Rounds")
struct RoundsTests {
    private func rounds(_ cards: [Int]) -> Rounds { Rounds(cards, seed: 9, stream: 3) }

    @Test("give every card once before any comes again, whatever the ranges are", arguments: [1, 3, 5, 7, 30])
    func coverage(step: Int) {
        let rounds = rounds(Array(0..<10))
        var generator = SeededGenerator(seed: 1)
        let drawn = stride(from: 0, to: 30, by: step).flatMap { start in
            rounds.hands(in: start..<min(start + step, 30), size: 1, using: &generator).flatMap { $0 }
        }
        #expect(drawn.count == 30)
        for round in 0..<3 { #expect(Set(drawn[round * 10..<round * 10 + 10]).count == 10) }
        if step == 30 { #expect(drawn[0..<10] != drawn[10..<20]) }
    }

    @Test("give distinct cards in a hand, also across rounds", arguments: [4, 5, 7, 9])
    func distinct(size: Int) {
        var generator = SeededGenerator(seed: 2)
        let hands = rounds(Array(0..<size)).hands(in: 8..<208, size: 4, using: &generator)
        #expect(hands.count == 50)
        for hand in hands { #expect(Set(hand).count == 4) }
    }

    @Test("repeat cards evenly where there are fewer than in a hand")
    func small() {
        var generator = SeededGenerator(seed: 3)
        for hand in rounds([7, 8]).hands(in: 0..<80, size: 4, using: &generator) {
            #expect(hand.sorted() == [7, 7, 8, 8])
        }
        #expect(rounds([5]).hands(in: 0..<3, size: 3, using: &generator) == [[5, 5, 5]])
    }

    @Test("count the draws of a card")
    func counts() {
        let rounds = rounds([4, 5, 6])
        var generator = SeededGenerator(seed: 3)
        for end in 0..<12 {
            let drawn = rounds.hands(in: 0..<end, size: 1, using: &generator).flatMap { $0 }
            for (card, position) in rounds.positions {
                #expect(rounds.draws(of: position, before: end) == drawn.count { $0 == card })
            }
        }
    }
}
