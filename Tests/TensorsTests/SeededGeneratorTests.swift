import Tensors
import Testing

@Suite("SeededGenerator")
struct SeededGeneratorTests {
    @Test("The numbers of a seed never change")
    func fixed() {
        // SplitMix64 of seed 0, mixed with stream 0, seeds xoshiro256**; computed by an independent implementation.
        var generator = SeededGenerator(seed: 0)
        #expect((0..<3).map { _ in generator.next() } == Self.firstOfSeedZero)
        var again = SeededGenerator(seed: 0)
        var stream = SeededGenerator(seed: 0, stream: 1)
        #expect(again.next() != stream.next())
    }

    private static let firstOfSeedZero: [UInt64] = [
        0xFB5405F7BD79C540, 0x780C98E26CEA5883, 0x2A146E0980FEBC66,
    ]

    @Test("Uniform numbers stay in their range and fill it evenly")
    func uniform() {
        var generator = SeededGenerator(seed: 2)
        var bins = [Int](repeating: 0, count: 10)
        for _ in 0..<10_000 {
            let value = generator.uniform()
            #expect(value >= 0 && value < 1)
            bins[Int(value * 10)] += 1
        }
        #expect(bins.allSatisfy { (850...1150).contains($0) })
    }

    @Test("Indices cover their range without a favorite")
    func indices() {
        var generator = SeededGenerator(seed: 3)
        var counts = [Int](repeating: 0, count: 7)
        for _ in 0..<14_000 { counts[generator.index(below: 7)] += 1 }
        #expect(counts.allSatisfy { (1800...2200).contains($0) })
    }

    @Test("A permutation has every number once, and its seed decides it")
    func permutation() {
        var (one, same, other) = (SeededGenerator(seed: 1), SeededGenerator(seed: 1), SeededGenerator(seed: 2))
        let order = one.permutation(100)
        #expect(order.sorted() == Array(0..<100) && order != Array(0..<100))
        #expect(same.permutation(100) == order && other.permutation(100) != order)
    }
}
