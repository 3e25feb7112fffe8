import FeatureStorage
import Tensors
import Testing

@testable import Pipeline

@Suite("TrainingPlan")
struct TrainingPlanTests {
    @Test("Every training row is in one pool of an epoch, and no held-out row in any")
    func partition() throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        let (plan, split) = try sample.plan(settings)
        #expect(plan.residence.chunksPerPool.map { (16..<60).contains($0) } == true)
        for number in 0..<3 {
            let epoch = try plan.epoch(number)
            #expect(epoch.pools.count > 2 && epoch.leftOut == 0)
            #expect(epoch.pools.flatMap(\.rows).sorted() == split.training)
            #expect(
                epoch.pools.map(\.firstBatch)
                    == epoch.pools.indices.map { index in
                        epoch.pools[..<index].reduce(0) { $0 + $1.rows.count / settings.batchSize }
                    })
            let sizes = epoch.pools.map { pool in Set(pool.rows.map { plan.dataset.rows[$0].chunk }).count }
            #expect((sizes.max() ?? 0) - (sizes.min() ?? 0) <= 1)
        }
    }

    @Test("Seed and epoch decide the pools, and another of either gives others")
    func seeded() throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        var other = settings
        other.seed = 4
        let (first, again, differing) = try (
            sample.plan(settings), sample.plan(settings, cores: 7), sample.plan(other)
        )
        #expect(try first.plan.epoch(1).pools.map(\.rows) == again.plan.epoch(1).pools.map(\.rows))
        #expect(try first.plan.epoch(1).pools.map(\.rows) != first.plan.epoch(2).pools.map(\.rows))
        #expect(try first.plan.epoch(1).pools.map(\.rows) != differing.plan.epoch(1).pools.map(\.rows))
    }

    @Test("In memory there is one pool with all rows in the order of their paths")
    func memory() throws {
        var (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        settings.memory = nil
        let (plan, split) = try sample.plan(settings)
        #expect(plan.residence.chunksPerPool == nil)
        let pools = try plan.epoch(5).pools
        #expect(pools.count == 1 && pools[0].rows == split.training && pools[0].number == 0)
    }

    @Test("Two rows of a class are enough for a pool; one is left out, unless the class has no other")
    func smallClasses() throws {
        var (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        (settings.heldOutFraction, settings.itemsPerClass, settings.memory) = (0, 4, 32_000)
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        let feature = [Float](repeating: 0.25, count: SampleStore.dimension)
        for (name, count) in [("lone", 1), ("pair", 2), ("apart", 2)] {
            for number in 0..<count {
                try writer.append(feature: feature[...], of: SampleStore.entry("p/\(name)/\(number).jpg", name))
                // The two of a pair share a chunk, others do not.
                if name != "pair" || number == 1 { try writer.commit() }
            }
        }
        try writer.finish()
        let plan = try sample.plan(settings).plan
        let names = plan.dataset.classNames
        var apart: Set<Int> = []
        for number in 0..<20 {
            let epoch = try plan.epoch(number)
            let rows = epoch.pools.flatMap(\.rows)
            let count = { (name: String) in rows.filter { names[Int(plan.dataset.rows[$0].label)] == name }.count }
            #expect(count("lone") == 1 && count("pair") == 2)
            apart.insert(count("apart"))
            #expect(epoch.leftOut == 2 - count("apart"))
        }
        #expect(apart == [0, 2])
    }

    @Test("Pools of one class only are left out; an epoch of nothing else is an error")
    func sortedStore() throws {
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.batchSize, settings.itemsPerClass, settings.heldOutFraction, settings.memory) = (8, 2, 0, 29_000)
        let sample = try SampleStore(classes: 1, perClass: 480, chunkRows: 4)
        defer { sample.folder.clean() }
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        for number in 0..<4 {
            try writer.append(
                feature: [Float](repeating: 0.25, count: SampleStore.dimension)[...],
                of: SampleStore.entry("p/d/\(number).jpg", "d"))
        }
        try writer.finish()
        let plan = try sample.plan(settings).plan
        let epoch = try plan.epoch(0)
        #expect(epoch.pools.count == 1 && epoch.leftOut == 484 - epoch.pools[0].rows.count)
        #expect(epoch.leftOut > 300)
        #expect(epoch.pools[0].batchSize == 4)
    }
}
