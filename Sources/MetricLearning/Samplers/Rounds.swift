import Tensors

/// Cards that are drawn in rounds, each of which has every card once. The rounds go on from epoch to epoch: which cards a range of
/// draws has depends on the seed alone, their order within a round also on the generator of the epoch. So no card is left out for
/// longer than a round, and any epoch can be made without the others.
struct Rounds {
    private let cards: [Int]

    /// The rounds of `cards`, of which there is at least one.
    init(_ cards: [Int], seed: UInt64, stream: UInt64) {
        precondition(!cards.isEmpty, "rounds without cards")
        var generator = SeededGenerator(seed: seed, stream: stream)
        var cards = cards
        generator.shuffle(&cards)
        self.cards = cards
    }

    /// The draws in `range`, in hands of `size`. A hand has distinct cards where there are as many, also across two rounds.
    func hands(in range: Range<Int>, size: Int, using generator: inout SeededGenerator) -> [[Int]] {
        var hands: [[Int]] = []
        var hand: [Int] = []
        for start in stride(from: range.lowerBound / cards.count * cards.count, to: range.upperBound, by: cards.count) {
            var part = cards(in: max(start, range.lowerBound)..<min(start + cards.count, range.upperBound))
            generator.shuffle(&part)
            for card in hand.isEmpty ? part : Self.last(hand, in: part) {
                hand.append(card)
                guard hand.count == size else { continue }
                hands.append(hand)
                hand = []
            }
        }
        Self.exchangeDuplicates(&hands)
        return hands
    }

    /// Where the last hand ends within a round, the few cards of it may be in the hand already: these change places with cards of
    /// earlier hands.
    private static func exchangeDuplicates(_ hands: inout [[Int]]) {
        guard let last = hands.last, Set(last).count < last.count else { return }
        for (place, card) in last.enumerated() where last[..<place].contains(card) {
            let held = Set(hands[hands.count - 1])
            for other in hands.indices.dropLast() where !hands[other].contains(card) {
                guard let found = hands[other].firstIndex(where: { !held.contains($0) }) else { continue }
                hands[hands.count - 1][place] = hands[other][found]
                hands[other][found] = card
                break
            }
        }
    }

    /// The number of draws before `end` that are the card at `position` of a round.
    func draws(of position: Int, before end: Int) -> Int { (end + cards.count - 1 - position) / cards.count }

    /// The position of each card in a round.
    var positions: [Int: Int] { Dictionary(uniqueKeysWithValues: cards.enumerated().map { ($1, $0) }) }

    private func cards(in range: Range<Int>) -> [Int] { range.map { cards[$0 % cards.count] } }

    /// The cards of a new round, those that the hand has already at the end.
    private static func last(_ hand: [Int], in part: [Int]) -> [Int] {
        let held = Set(hand)
        return part.filter { !held.contains($0) } + part.filter { held.contains($0) }
    }
}
