import Tensors
import Testing

@testable import MetricLearning

@Suite("A deck")
struct DeckTests {
    @Test("gives every card once before any comes again")
    func rounds() {
        var generator = SeededGenerator(seed: 1)
        var deck = Deck(Array(0..<10))
        let drawn = (0..<6).flatMap { _ in deck.draw(5, using: &generator) }
        for round in 0..<3 { #expect(Set(drawn[round * 10..<round * 10 + 10]).count == 10) }
        #expect(drawn[0..<10] != drawn[10..<20])
    }

    @Test("gives distinct cards in a hand, also across a shuffle", arguments: [4, 5, 7, 9])
    func distinct(size: Int) {
        var generator = SeededGenerator(seed: 2)
        var deck = Deck(Array(0..<size))
        for _ in 0..<50 { #expect(Set(deck.draw(4, using: &generator)).count == 4) }
    }

    @Test("repeats cards evenly where it has fewer than are drawn")
    func small() {
        var generator = SeededGenerator(seed: 3)
        var deck = Deck([7, 8])
        for _ in 0..<20 { #expect(deck.draw(4, using: &generator).sorted() == [7, 7, 8, 8]) }
        var single = Deck([5])
        #expect(single.draw(3, using: &generator) == [5, 5, 5])
    }
}
