import FeatureStorage
import Tensors
import Testing

@testable import Pipeline

@Suite("FeatureDataset")
struct FeatureDatasetTests {
    private func expectSame(_ sample: SampleStore) throws {
        let store = try sample.open()
        let (data, dataset) = try (
            LabeledFeatures(store: store, space: sample.space), FeatureDataset(store: store, space: sample.space)
        )
        #expect(dataset.count == data.count)
        #expect(dataset.classNames == data.classNames)
        #expect(dataset.unlabeled == data.unlabeled && dataset.conflicting == data.conflicting)
        #expect(dataset.labels(of: dataset.rows.indices) == data.labels)
        for threads in [1, 5] {
            #expect(try dataset.features(of: Array(0..<data.count), threads: threads) == data.features)
        }
    }

    @Test("The same rows, classes and features as reading everything gives", arguments: [1, 3, 256])
    func rows(chunkRows: Int) throws {
        let sample = try SampleStore(classes: 3, perClass: 7, unlabeled: 2, chunkRows: chunkRows)
        defer { sample.folder.clean() }
        try expectSame(sample)
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        #expect(dataset.count == 21 && dataset.unlabeled == 2)
    }

    @Test("Conflicts count for the first path; a label that only lost is no class; a later label still labels")
    func conflicts() throws {
        let sample = try SampleStore(classes: 2, perClass: 3, unlabeled: 2, chunkRows: 2)
        defer { sample.folder.clean() }
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        for (path, label, original) in [
            ("/p/c1/again.jpg", "c1", SampleStore.entry("p/c0/0.jpg", nil)),
            ("/p/lost/x.jpg", "lost", SampleStore.entry("p/c0/2.jpg", nil)),
            ("/p/z/late.jpg", "c0", SampleStore.entry("p/6.jpg", nil)),
        ] {
            try writer.record(
                PictureEntry(
                    path: path, label: label, content: original.content, size: 1, modified: 1, root: "/p"))
        }
        try writer.finish()
        try expectSame(sample)
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        #expect(dataset.count == 7 && dataset.unlabeled == 1 && dataset.conflicting == 2)
        #expect(dataset.classNames == ["c0", "c1"])
    }

    @Test("Some rows in any order, also one twice")
    func someRows() throws {
        let sample = try SampleStore(classes: 3, perClass: 7, chunkRows: 4)
        defer { sample.folder.clean() }
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        let all = try dataset.features(of: Array(0..<21), threads: 1)
        #expect(try dataset.features(of: [20, 3, 3, 0], threads: 2) == all.rows(at: [20, 3, 3, 0]))
        #expect(try dataset.features(of: [], threads: 2).rows == 0)
    }

    @Test("A cancelled reading ends")
    func cancelled() throws {
        let sample = try SampleStore()
        defer { sample.folder.clean() }
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        let cancellation = Interruption()
        cancellation.request()
        #expect(throws: CancellationError.self) {
            try dataset.features(of: [1, 2], threads: 2, cancellation: cancellation)
        }
    }

    @Test("A damaged chunk is named, the same one with any number of threads")
    func damage() throws {
        let sample = try SampleStore(perClass: 30, chunkRows: 4)
        defer { sample.folder.clean() }
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        try sample.damageSegment()
        let errors = [1, 4, 9].map { threads in
            #expect(throws: InputError.self) {
                try dataset.features(of: Array(0..<dataset.count), threads: threads)
            }
        }
        #expect(errors[0]?.object.contains("000001.seg: chunk") == true)
        #expect(errors[0] == errors[1] && errors[0] == errors[2])
    }
}
