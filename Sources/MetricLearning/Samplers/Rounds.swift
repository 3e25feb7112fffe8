import Tensors

/// Cards that are drawn in hands of one size and in rounds, each of which has every card once in an order of its own. Hands are
/// numbered from the first epoch on, and any of them can be made without those before: what a hand holds depends on its number and
/// the seed alone. So no card is left out for longer than two rounds, and in time every card comes together with every other.
struct Rounds {
    private let cards: [Int]
    private let handSize: Int
    private let seed: UInt64

    /// The hands after which a hand and a round end together. The next cycle depends on nothing before it.
    private var handsPerCycle: Int { cards.count / Self.commonDivisor(cards.count, handSize) }

    /// The rounds of `cards`, of which there is at least one, in hands of `handSize`.
    init(_ cards: [Int], handSize: Int, seed: UInt64, stream: UInt64) {
        precondition(!cards.isEmpty && handSize > 0, "rounds of \(cards.count) cards in hands of \(handSize)")
        var generator = SeededGenerator(seed: seed, stream: stream)
        (self.cards, self.handSize, self.seed) = (cards, handSize, generator.next())
    }

    /// The last hand up to `hand` before which every card was drawn equally often, and how often.
    func evenStart(before hand: Int) -> (hand: Int, draws: Int) {
        let start = hand - hand % handsPerCycle
        return (start, start * handSize / cards.count)
    }

    /// The hands with numbers in `range`. A hand has distinct cards where there are as many, also across two rounds, and else
    /// each card about equally often.
    func hands(in range: Range<Int>) -> [[Int]] {
        var hands: [[Int]] = []
        guard !range.isEmpty else { return hands }
        hands.reserveCapacity(range.count)
        for cycle in range.lowerBound / handsPerCycle...(range.upperBound - 1) / handsPerCycle {
            let start = cycle * handsPerCycle
            let wanted = max(range.lowerBound - start, 0)..<min(range.upperBound - start, handsPerCycle)
            append(wanted, of: cycle, to: &hands)
        }
        return hands
    }

    /// Appends the wanted hands of a cycle, which is dealt from its start.
    private func append(_ wanted: Range<Int>, of cycle: Int, to hands: inout [[Int]]) {
        var generator = SeededGenerator(seed: seed, stream: UInt64(cycle))
        var (round, number): ([Int], Int) = (cards, 0)
        var hand: [Int] = []
        while true {
            generator.shuffle(&round)
            if !hand.isEmpty { Self.moveToEnd(hand, in: &round) }
            for card in round {
                hand.append(card)
                guard hand.count == handSize else { continue }
                if wanted.contains(number) { hands.append(hand) }
                number += 1
                if number == wanted.upperBound { return }
                hand.removeAll(keepingCapacity: true)
            }
        }
    }

    /// Puts those cards of a new round that the hand has already behind the others.
    private static func moveToEnd(_ hand: [Int], in round: inout [Int]) {
        let held = Set(hand)
        round = round.filter { !held.contains($0) } + round.filter { held.contains($0) }
    }

    private static func commonDivisor(_ left: Int, _ right: Int) -> Int {
        right == 0 ? left : commonDivisor(right, left % right)
    }
}
