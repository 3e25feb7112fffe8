import Tensors

/// Cards that are drawn without replacement until all are used, then shuffled and drawn again.
struct Deck {
    private var cards: [Int]
    private var next: Int

    /// A deck that is shuffled at the first draw.
    init(_ cards: [Int]) {
        precondition(!cards.isEmpty, "a deck without cards")
        self.cards = cards
        next = cards.count
    }

    /// Draws `count` cards: distinct ones where the deck has as many, else every card once before any comes again.
    mutating func draw(_ count: Int, using generator: inout SeededGenerator) -> [Int] {
        var hand: [Int] = []
        while hand.count < count {
            if next == cards.count { shuffle(holding: hand, using: &generator) }
            let drawn = cards[next..<min(next + count - hand.count, cards.count)]
            hand += drawn
            next += drawn.count
        }
        return hand
    }

    /// Shuffles all cards; those in the hand go to the end, so that they are not drawn twice in one hand.
    private mutating func shuffle(holding hand: [Int], using generator: inout SeededGenerator) {
        generator.shuffle(&cards)
        if !hand.isEmpty {
            let held = Set(hand)
            cards = cards.filter { !held.contains($0) } + cards.filter { held.contains($0) }
        }
        next = 0
    }
}
