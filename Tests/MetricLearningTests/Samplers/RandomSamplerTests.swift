import Tensors
import Testing

@testable import MetricLearning

@Suite("The random sampler, and the choice of one")
struct RandomSamplerTests {
    @Test("has every item at most once an epoch, in whole batches, and leaves out others every time")
    func epochs() throws {
        let sampler = try RandomSampler(count: 50, batchSize: 8, seed: 3)
        let epochs = (0..<10).map { sampler.batches(epoch: $0) }
        for batches in epochs {
            #expect(batches.count == 6 && batches.allSatisfy { $0.count == 8 })
            #expect(Set(batches.joined()).count == 48)
        }
        #expect(Set(epochs.joined().joined()) == Set(0..<50))
        #expect(epochs[0] != epochs[1] && sampler.batches(epoch: 4) == epochs[4])
    }

    @Test("refuses what fills no batch", arguments: [(0, 1), (7, 8), (7, 0)])
    func refusals(count: Int, batchSize: Int) {
        #expect(throws: InputError.self) { try RandomSampler(count: count, batchSize: batchSize, seed: 1) }
    }

    @Test("is chosen for losses with weights for classes")
    func choice() throws {
        for (name, expected) in [
            ("SupConLoss", SamplerChoice.class), ("CrossBatchMemory", .class), ("ArcFaceLoss", .random),
        ] {
            #expect(try SamplerChoice.auto.resolved(for: ComponentDescription(name)) == expected)
            #expect(try SamplerChoice.random.resolved(for: ComponentDescription(name)) == .random)
        }
    }
}
