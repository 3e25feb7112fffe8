import Tensors
import Testing

@testable import MetricLearning

@Suite("The m-per-class sampler")
struct MPerClassSamplerTests {
    /// Classes 3, 10 and so on with growing numbers of items, shuffled.
    private func labels(_ sizes: [Int]) -> [Int] {
        var labels = sizes.enumerated().flatMap { [Int](repeating: $0.offset * 7 + 3, count: $0.element) }
        var generator = SeededGenerator(seed: 5)
        generator.shuffle(&labels)
        return labels
    }

    @Test("fills batches with m items of each of batchSize / m classes")
    func composition() throws {
        let labels = labels([1, 2, 4, 9, 30, 14])
        let sampler = try MPerClassSampler(labels: labels, itemsPerClass: 4, batchSize: 16, seed: 1)
        let batches = sampler.batches(epoch: 0)
        #expect(batches.count == 60 / 16 && sampler.batchesPerEpoch == 3)
        for batch in batches {
            let counts = Dictionary(grouping: batch, by: { labels[$0] }).mapValues(\.count)
            #expect(counts.count == 4)
            #expect(counts.values.allSatisfy { $0 == 4 })
            for (label, members) in Dictionary(grouping: batch, by: { labels[$0] }) {
                let available = labels.count { $0 == label }
                #expect(Set(members).count == min(4, available))
            }
        }
    }

    @Test("is fixed by seed and epoch")
    func determinism() throws {
        let labels = labels([5, 5, 5, 5])
        func batches(_ seed: UInt64, _ epoch: Int) throws -> [[Int]] {
            try MPerClassSampler(labels: labels, itemsPerClass: 2, batchSize: 4, seed: seed).batches(epoch: epoch)
        }
        #expect(try batches(1, 3) == batches(1, 3))
        #expect(try batches(1, 3) != batches(1, 4))
        #expect(try batches(1, 3) != batches(2, 3))
    }

    @Test("uses every item of equal classes once an epoch")
    func coverage() throws {
        let labels = labels([8, 8, 8, 8])
        let sampler = try MPerClassSampler(labels: labels, itemsPerClass: 4, batchSize: 8, seed: 4)
        #expect(sampler.batches(epoch: 0).flatMap { $0 }.sorted() == Array(0..<32))
    }

    @Test("over epochs comes to every item, of large and small classes, and to every class about equally often")
    func overEpochs() throws {
        let labels = labels([1, 3, 200, 17, 40])
        let sampler = try MPerClassSampler(labels: labels, itemsPerClass: 4, batchSize: 12, seed: 8)
        // 21 batches of 3 classes: a class comes 12 or 13 times an epoch, with 50 items or so.
        var drawn: [Int] = []
        for epoch in 0..<5 {
            let batches = sampler.batches(epoch: epoch)
            drawn += batches.joined()
            #expect(batches == sampler.batches(epoch: epoch))
        }
        #expect(Set(drawn) == Set(labels.indices))
        let counts = Dictionary(grouping: drawn) { labels[$0] }.mapValues(\.count)
        #expect((counts.values.max() ?? 0) - (counts.values.min() ?? 0) <= 4)
        let large = drawn.filter { labels[$0] == 2 * 7 + 3 }
        #expect(Set(large.prefix(200)).count == 200)
    }

    /// Half of the classes fit into an epoch, and one hand of each.
    @Test("over epochs brings all classes together, and all items of a class")
    func meetings() throws {
        let labels = labels([16] + [Int](repeating: 2, count: 16))
        let sampler = try MPerClassSampler(labels: labels, itemsPerClass: 4, batchSize: 16, seed: 8)
        var (classes, items) = (Set<[Int]>(), Set<[Int]>())
        for batch in (0..<200).flatMap({ sampler.batches(epoch: $0) }) {
            let (present, large) = (Set(batch.map { labels[$0] }), batch.filter { labels[$0] == 3 })
            for left in present { for right in present where left < right { classes.insert([left, right]) } }
            for left in large { for right in large where left < right { items.insert([left, right]) } }
        }
        #expect(classes.count == 17 * 16 / 2 && items.count == 16 * 15 / 2)
    }

    @Test("makes epochs of the length asked for")
    func length() throws {
        let sampler = try MPerClassSampler(
            labels: labels([3, 3]), itemsPerClass: 2, batchSize: 4, samplesPerEpoch: 43, seed: 4)
        #expect(sampler.batches(epoch: 7).count == 10)
    }

    @Test("refuses what cannot work, with the numbers and a remedy")
    func refusals() {
        func message(_ sizes: [Int], _ itemsPerClass: Int, _ batchSize: Int) -> String {
            let error = #expect(throws: InputError.self) {
                _ = try MPerClassSampler(
                    labels: labels(sizes), itemsPerClass: itemsPerClass, batchSize: batchSize, seed: 1)
            }
            return error?.description ?? ""
        }
        #expect(message([50, 50], 4, 30).contains("is not a multiple of 4"))
        #expect(message([50, 50], 0, 30).contains("is not a multiple of 0"))
        #expect(message([50, 50], 4, 0).contains("is not a multiple"))
        #expect(message([50, 50], 4, -8).contains("is not a multiple"))
        #expect(message([50], 4, 8).contains("only one class"))
        #expect(message([], 4, 8).contains("no class"))
        #expect(message([50, 50], 4, 4).contains("holds only one class"))
        #expect(
            message([50, 50], 4, 16) == "batch size 16: needs 4 classes with 4 items each, but there are 2. "
                + "Choose at most 8, or more items per class.")
        #expect(message([50, 50], .max, .max).contains("more than the 100 items of an epoch"))
        #expect(message([2, 2], 4, 8).contains("more than the 4 items of an epoch"))
    }

    @Test(
        "names the largest batch that works",
        arguments: [([9, 9, 9], 4, 128), ([9, 9, 9], 4, 11), ([3, 3, 3], 4, 128)])
    func largest(sizes: [Int], itemsPerClass: Int, limit: Int) throws {
        let labels = labels(sizes)
        let size = try #require(
            MPerClassSampler.largestBatchSize(labels: labels, itemsPerClass: itemsPerClass, limit: limit))
        #expect(size <= limit)
        _ = try MPerClassSampler(labels: labels, itemsPerClass: itemsPerClass, batchSize: size, seed: 1)
        if size + itemsPerClass <= limit {
            #expect(throws: InputError.self) {
                _ = try MPerClassSampler(
                    labels: labels, itemsPerClass: itemsPerClass, batchSize: size + itemsPerClass, seed: 1)
            }
        }
    }

    @Test("names none where none works")
    func noneWorks() {
        #expect(MPerClassSampler.largestBatchSize(labels: labels([9]), itemsPerClass: 4, limit: 128) == nil)
        #expect(MPerClassSampler.largestBatchSize(labels: [], itemsPerClass: 4, limit: 128) == nil)
        #expect(MPerClassSampler.largestBatchSize(labels: labels([9, 9]), itemsPerClass: 4, limit: 7) == nil)
        #expect(MPerClassSampler.largestBatchSize(labels: labels([9, 9]), itemsPerClass: 0, limit: 7) == nil)
    }
}
