import FeatureStorage
import Tensors
import Testing

@testable import Pipeline

@Suite("FeatureBatches")
struct FeatureBatchesTests {
    private func all(_ batches: FeatureBatches) throws -> [FeatureBatch] {
        var found: [FeatureBatch] = []
        while let batch = try batches.next() { found.append(batch) }
        return found
    }

    /// The rows of the dataset that batches are made of, found by their features.
    private func rows(_ batches: [FeatureBatch], _ dataset: FeatureDataset) throws -> [[Int]] {
        let features = try dataset.features(of: Array(dataset.rows.indices), threads: 1)
        let number = Dictionary(uniqueKeysWithValues: dataset.rows.indices.map { (Array(features.row($0)), $0) })
        return try batches.map { batch in
            try (0..<batch.labels.count).map { row in
                let found = try #require(number[Array(batch.features.row(row))])
                #expect(Int(dataset.rows[found].label) == batch.labels[row])
                return found
            }
        }
    }

    @Test("One thread and many give the same batches")
    func threads() throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        let (one, many) = try (sample.plan(settings, cores: 1).plan, sample.plan(settings, cores: 8).plan)
        #expect(one.threads == 1 && many.threads == 8)
        let expected = try all(one.batches(epochs: 0..<3))
        #expect(expected.count > 100)
        for _ in 0..<3 { #expect(try all(many.batches(epochs: 0..<3)) == expected) }
        // An epoch is the same whichever came before.
        #expect(try all(many.batches(epochs: 2..<3)) == expected.filter { $0.epoch.number == 2 })
    }

    @Test("Batches are numbered through an epoch and have so many items of so many classes")
    func shape() throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        let batches = try all(sample.plan(settings).plan.batches(epochs: 0..<2))
        for epoch in 0..<2 {
            let own = batches.filter { $0.epoch.number == epoch }
            #expect(own.map(\.index) == Array(0..<own.count))
            #expect(own.map(\.isLast) == own.indices.map { $0 == own.count - 1 })
            #expect(own.allSatisfy { $0.epoch.batchCount == own.count && $0.epoch.leftOut == 0 })
        }
        for batch in batches {
            #expect(Dictionary(grouping: batch.labels) { $0 }.values.map(\.count) == [2, 2, 2, 2])
        }
    }

    @Test("Rows of a class in a pool come equally often, and held-out rows never", arguments: [30_000, nil])
    func fairness(memory: Int?) throws {
        var (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        settings.memory = memory
        let (plan, split) = try sample.plan(settings)
        let batches = try all(plan.batches(epochs: 0..<1))
        let used = try rows(batches, plan.dataset)
        var start = 0
        for pool in try plan.epoch(0).pools {
            let drawn = used[start..<start + pool.batchCount].flatMap { $0 }
            start += pool.batchCount
            let times = Dictionary(grouping: drawn) { $0 }.mapValues(\.count)
            #expect(Set(times.keys).isSubset(of: Set(pool.rows)))
            for label in 0..<4 {
                let own = pool.rows.filter { plan.dataset.rows[$0].label == label }.map { times[$0, default: 0] }
                #expect((own.max() ?? 0) - (own.min() ?? 0) <= 1)
            }
        }
        #expect(start == batches.count)
        #expect(Set(used.joined()).isDisjoint(with: split.heldOut))
    }

    @Test("Where pools hold whole batches, an epoch has the same rows as in memory: each once")
    func sameRows() throws {
        var (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        settings.heldOutFraction = 0
        for memory in [30_000, nil] {
            settings.memory = memory
            let plan = try sample.plan(settings).plan
            let chunks = try plan.epoch(0).pools.map { $0.rows.count / 4 }
            #expect(chunks == (memory == nil ? [120] : [24, 24, 24, 24, 24]))
            let used = try rows(try all(plan.batches(epochs: 0..<1)), plan.dataset)
            #expect(used.flatMap { $0 }.sorted() == Array(0..<480))
        }
    }

    @Test("Ended early there is no next batch and no thread; nothing is lost by ending twice or not at all")
    func stopped() throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        let plan = try sample.plan(settings).plan
        for taken in [0, 1, 20] {
            let batches = try plan.batches(epochs: 0..<1000)
            for _ in 0..<taken { #expect(try batches.next() != nil) }
            batches.stop()
            batches.stop()
            #expect(try batches.next() == nil)
            _ = try plan.batches(epochs: 0..<1000).next()
        }
        let prefetch = PoolPrefetch(plan, epochs: 0..<1000)
        prefetch.start()
        #expect(try prefetch.next() != nil)
        #expect(prefetch.isRunning)
        prefetch.stop()
        #expect(!prefetch.isRunning)
        #expect(try prefetch.next() == nil)
    }

    @Test("A damaged chunk is the reader's error, after the batches of the pools before it")
    func damage() throws {
        var (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        let plan = try sample.plan(settings).plan
        settings.memory = nil
        let whole = try sample.plan(settings).plan
        try sample.damageSegment()
        let batches = try plan.batches(epochs: 0..<1)
        let error = #expect(throws: InputError.self) { try all(batches) }
        #expect(error?.object.contains("000001.seg: chunk") == true)
        #expect(throws: InputError.self) { try whole.batches(epochs: 0..<1) }
    }

    @Test("No epochs, no batches")
    func none() throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        #expect(try sample.plan(settings).plan.batches(epochs: 0..<0).next() == nil)
    }
}
