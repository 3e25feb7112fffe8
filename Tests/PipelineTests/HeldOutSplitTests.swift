import Testing

@testable import Pipeline

@Suite("HeldOutSplit")
struct HeldOutSplitTests {
    private let labels = (0..<100).map { $0 % 5 } + [9, 9, 9]

    @Test("Every row is on one side, and every class that can spare it is on both")
    func partition() {
        let split = HeldOutSplit(labels: labels, fraction: 0.2, seed: 1)
        #expect(Set(split.training).union(split.heldOut) == Set(labels.indices))
        #expect(Set(split.training).isDisjoint(with: split.heldOut))
        for label in 0..<5 { #expect(split.heldOut.filter { labels[$0] == label }.count == 4) }
        #expect(split.heldOut.allSatisfy { labels[$0] != 9 })  // three pictures are too few to take two away
    }

    @Test("The seed alone decides")
    func seed() {
        #expect(
            HeldOutSplit(labels: labels, fraction: 0.2, seed: 1) == HeldOutSplit(labels: labels, fraction: 0.2, seed: 1)
        )
        #expect(
            HeldOutSplit(labels: labels, fraction: 0.2, seed: 1) != HeldOutSplit(labels: labels, fraction: 0.2, seed: 2)
        )
    }

    @Test("Nothing is held out when nothing is asked for")
    func none() {
        let split = HeldOutSplit(labels: labels, fraction: 0, seed: 1)
        #expect(split.heldOut.isEmpty && split.training.count == labels.count)
    }
}
