import FeatureStorage
import Tensors
import Testing

@testable import Pipeline

@Suite("Views of a dataset")
struct DatasetViewTests {
    /// The sample with two further views, whose features are the usual ones and 10 or 20; the second lacks one picture.
    private func sample(pooled: Bool = false) throws -> (SampleStore, HeadTrainer.Settings, missing: Fingerprint) {
        var (sample, settings) = try SampleStore.pooled()
        settings.memory = pooled ? 45_000 : nil
        let table = try sample.open().readFeatures(in: sample.space)
        let pictures = try sample.open().pictures(in: sample.space)
        let missing = pictures[3].content
        for (number, view) in ["flip", "crop 2 seed 0"].enumerated() {
            var writer = try FeatureStoreWriter(
                path: sample.folder.path("s.fcstore"), space: sample.space.seen(as: view), otherSpaces: .add)
            for (row, content) in table.contents.enumerated().reversed() where number == 0 || content != missing {
                let entry = try #require(pictures.first { $0.content == content })
                try writer.append(
                    feature: table.features.row(row).map { $0 + Float(10 * (number + 1)) }[...],
                    of: SampleStore.entry(String(entry.path.dropFirst()), entry.label))
                if row.isMultiple(of: 5) { try writer.commit() }
            }
            try writer.finish()
        }
        return (sample, settings, missing)
    }

    @Test("The usual one is what a store is asked for; the others are found from it")
    func spaces() throws {
        let (sample, _, _) = try sample()
        defer { sample.folder.clean() }
        let store = try sample.open()
        #expect(try store.space(matching: nil) == sample.space && store.space(matching: "sample") == sample.space)
        let views = try store.views(of: sample.space)
        #expect(views.map(\.view) == ["flip", "crop 2 seed 0"] && views.allSatisfy { $0.isView(of: sample.space) })
        #expect(try store.space(matching: views[1].name) == views[1])
        #expect(!sample.space.isView(of: views[0]) && !views[0].isView(of: views[1]))
        let other = FeatureSpace(name: "sample", fields: ["model": "sample"], dimension: 9)
        #expect(!views[0].isView(of: other))
    }

    @Test("Each row is read in the view that is asked for, or the usual one where it lacks that")
    func reading() throws {
        let (sample, _, missing) = try sample()
        defer { sample.folder.clean() }
        let store = try sample.open()
        let dataset = try FeatureDataset(store: store, space: sample.space)
        #expect(dataset.viewCount == 3)
        let data = try LabeledFeatures(store: store, space: sample.space)
        let lacking = try #require(data.contents.firstIndex(of: missing))
        let rows = [7, lacking, 0, 7, lacking, 7]
        let found = try dataset.features(of: rows, views: [1, 2, 0, 2, 1, 0], threads: 3)
        for (position, offset) in [10, 0, 0, 20, 10, 0].enumerated() {
            for column in 0..<SampleStore.dimension {
                #expect(abs(found[position, column] - data.features[rows[position], column] - Float(offset)) < 0.02)
            }
        }
        #expect(try FeatureDataset(store: store, space: sample.space, mostViews: 2).viewCount == 2)
        let alone = try FeatureDataset(store: store, space: sample.space, mostViews: 1)
        #expect(try alone.viewCount == 1 && alone.fingerprint() != dataset.fingerprint())
    }

    @Test("Every picture comes in every view over the epochs, in one within an epoch", arguments: [false, true])
    func training(pooled: Bool) throws {
        let (sample, settings, _) = try sample(pooled: pooled)
        defer { sample.folder.clean() }
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        let plan = try TrainingPlan(dataset, training: Array(0..<dataset.count), settings: settings, cores: 2)
        #expect((plan.residence.chunksPerPool != nil) == pooled)
        var counts = [0, 0, 0]
        let batches = try plan.batches(epochs: 0..<4)
        while let batch = try batches.next() {
            for row in 0..<batch.labels.count {
                // Features are from 0 to 1.5.
                counts[Int(batch.features[row, 0] / 10 + 0.1)] += 1
                let strongest = batch.features.row(row).enumerated().max { $0.element < $1.element }
                #expect(strongest?.offset == batch.labels[row])
            }
        }
        let total = counts.reduce(0, +)
        #expect(total > 1500 && counts.allSatisfy { abs(3 * $0 - total) < total / 5 }, "\(counts)")
        let epoch = try plan.epoch(1)
        #expect(plan.views(of: epoch.pools[0]) == plan.views(of: epoch.pools[0]))
        #expect(try plan.views(of: epoch.pools[0]) != plan.views(of: plan.epoch(2).pools[0]))
    }
}
