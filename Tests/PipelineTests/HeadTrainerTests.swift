import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("HeadTrainer and HeadLibrary")
struct HeadTrainerTests {
    private func settings(seed: UInt64 = 3) -> HeadTrainer.Settings {
        var settings = HeadTrainer.Settings(outputDimension: 4)
        settings.epochs = 4
        settings.batchSize = 16
        settings.seed = seed
        return settings
    }

    @Test("Training lowers the loss and judges on pictures that it did not train on")
    func training() throws {
        let sample = try SampleStore(classes: 4, perClass: 20)
        defer { sample.folder.clean() }
        let data = try FeatureDataset(store: try sample.open(), space: sample.space)
        var last = 0
        let result = try HeadTrainer(settings()).train(data) { last = $0.done }
        #expect(result.losses.count == 4 && last > 0)
        #expect(result.trainingCount == 64 && result.heldOutCount == 16 && result.batchSize == 16)
        #expect(result.before != nil && result.after != nil)
        let features = try sample.open().readFeatures(in: sample.space).features
        #expect(result.head.embeddings(of: features).columns == 4)
    }

    @Test("A batch that the classes cannot fill is made smaller, and said")
    func smallBatch() throws {
        let sample = try SampleStore(classes: 3, perClass: 10)
        defer { sample.folder.clean() }
        var settings = settings()
        settings.batchSize = 128
        let data = try FeatureDataset(store: try sample.open(), space: sample.space)
        #expect(try HeadTrainer(settings).train(data) { _ in }.batchSize == 12)
    }

    @Test("One class alone cannot train, and the error says so")
    func oneClass() throws {
        let sample = try SampleStore(classes: 1, perClass: 10)
        defer { sample.folder.clean() }
        let data = try FeatureDataset(store: try sample.open(), space: sample.space)
        #expect(throws: InputError.self) { try HeadTrainer(settings()).train(data) { _ in } }
    }

    @Test("An interruption ends the training after its step and keeps what was learned")
    func interruption() throws {
        let sample = try SampleStore()
        defer { sample.folder.clean() }
        let data = try FeatureDataset(store: try sample.open(), space: sample.space)
        let interruption = Interruption()
        let result = try HeadTrainer(settings()).train(data, interruption: interruption) { _ in interruption.request() }
        #expect(result.wasInterrupted && result.losses.count == 1)
    }

    @Test("A saved head comes back with the same embeddings, and only for its own space")
    func library() throws {
        let sample = try SampleStore()
        defer { sample.folder.clean() }
        let store = try sample.open()
        let data = try FeatureDataset(store: store, space: sample.space)
        let result = try HeadTrainer(settings()).train(data) { _ in }
        let features = try store.readFeatures(in: sample.space).features
        let library = HeadLibrary(store: store)
        let record = try library.save(result, name: "mine", space: sample.space, settings: settings())
        #expect(try library.records().map(\.name) == ["mine"])
        let loaded = try library.load("mine", for: sample.space)
        #expect(loaded.head.embeddings(of: features) == result.head.embeddings(of: features))
        let path = store.headsFolder + "/mine/head.safetensors"
        #expect(try Fingerprint(ofFileAt: path) == record.head)
        #expect(try library.load(path, for: sample.space).head.embeddings(of: features).columns == 4)
        #expect(throws: InputError.self) { try library.load("mine", for: SampleStore.space(named: "other")) }
        #expect(throws: InputError.self) { try library.load("missing", for: sample.space) }
        var bytes = try Data(contentsOf: URL(fileURLWithPath: path))
        bytes[bytes.count - 20] ^= 1
        try bytes.write(to: URL(fileURLWithPath: path))
        #expect(throws: InputError.self) { try library.load("mine", for: sample.space) }
    }

    @Test(
        "Names that leave the folder or mean something else are refused",
        arguments: ["", ".", "../x", "a/b", "none", "ä"])
    func names(name: String) {
        #expect(throws: InputError.self) { try HeadLibrary.check(name: name) }
    }
}
