import Tensors
import Testing

@testable import Backbones

@Suite("Buffers share an arena")
struct ArenaPlanTests {
    private typealias Block = ArenaPlan.Block

    @Test("a chain of equal buffers needs two places")
    func chain() {
        let plan = ArenaPlan((0..<10).map { Block(size: 640, lifetime: $0...$0 + 1) })
        #expect(plan.size == 2 * 640)
        #expect(Set(plan.offsets) == [0, 640])
    }

    @Test("a short-lived buffer fits into the gap that a larger one leaves")
    func gap() {
        let plan = ArenaPlan([
            Block(size: 1000, lifetime: 0...1), Block(size: 500, lifetime: 1...4), Block(size: 100, lifetime: 2...3),
        ])
        #expect(plan.size == 1024 + 512)
        #expect(plan.offsets == [0, 1024, 0])
    }

    @Test("nothing needs nothing")
    func empty() {
        #expect(ArenaPlan([]).size == 0)
        #expect(ArenaPlan([Block(size: 0, lifetime: 0...3)]).size == 0)
    }

    @Test("buffers that live at the same time never overlap", arguments: 0..<20)
    func noOverlap(seed: UInt64) {
        var generator = SeededGenerator(seed: seed)
        let blocks = (0..<40).map { _ in
            let start = generator.index(below: 30)
            return Block(size: generator.index(below: 5000), lifetime: start...start + generator.index(below: 8))
        }
        let plan = ArenaPlan(blocks)
        for first in blocks.indices {
            #expect(plan.offsets[first].isMultiple(of: ArenaPlan.alignment))
            #expect(plan.offsets[first] + blocks[first].size <= plan.size)
            for second in 0..<first where blocks[first].lifetime.overlaps(blocks[second].lifetime) {
                let ranges = [first, second].map { plan.offsets[$0]..<plan.offsets[$0] + blocks[$0].size }
                #expect(!ranges[0].overlaps(ranges[1]))
            }
        }
        let busiest =
            (0..<40).map { moment in
                blocks.filter { $0.lifetime.contains(moment) }.reduce(0) { $0 + $1.size }
            }.max() ?? 0
        #expect(plan.size >= busiest)
        #expect(plan.size <= blocks.reduce(0) { $0 + $1.size + ArenaPlan.alignment })
    }
}
