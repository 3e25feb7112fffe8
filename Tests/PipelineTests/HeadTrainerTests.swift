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
        settings.head = .plain
        settings.learningRate = 1e-3
        settings.epochs = 4
        settings.batchSize = 16
        settings.keepsTrained = true
        settings.patience = nil
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

    @Test("In memory, the same head as a plain loop over all features gives", arguments: [3, 256])
    func plainLoop(chunkRows: Int) throws {
        let sample = try SampleStore(classes: 4, perClass: 20, chunkRows: chunkRows)
        defer { sample.folder.clean() }
        let data = try LabeledFeatures(store: try sample.open(), space: sample.space)
        let sampler = try MPerClassSampler(labels: data.labels, itemsPerClass: 4, batchSize: 16, seed: 3)
        var state = TrainingState(
            head: ProjectionHead(inputDimension: SampleStore.dimension, outputDimension: 4, seed: 3),
            loss: TripletMarginLoss(), miner: TripletMarginMiner(), optimizer: Adam(learningRate: 1e-3))
        for batch in (0..<4).flatMap({ sampler.batches(epoch: $0) }) {
            _ = try state.step(
                features: data.features.rows(at: batch), labels: batch.map { data.labels[$0] })
        }
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        var settings = settings()
        settings.validation = .none
        let result = try HeadTrainer(settings).train(dataset) { _ in }
        #expect(result.head == state.head && result.kept == .trained(epoch: 4) && result.after == nil)
    }

    @Test("Pools train as well, say so, and give the same head again")
    func pools() throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        var notes: [String] = []
        let result = try HeadTrainer(settings).train(dataset, announce: { notes.append($0) }) { _ in }
        #expect(try HeadTrainer(settings).train(dataset) { _ in }.head == result.head)
        #expect(result.residence.chunksPerPool != nil && result.leftOut == 0)
        #expect(notes.count == 2 && notes[0].contains("pools of") && notes[1].contains("of the 96 held-out"))
        #expect(result.losses.count == 3 && result.losses[2] < result.losses[0])
        #expect((result.after?.meanAveragePrecisionAtR ?? 0) > 0.8)
        var inMemory = settings
        inMemory.memory = nil
        let whole = try HeadTrainer(inMemory).train(dataset, announce: { notes.append($0) }) { _ in }
        #expect(notes.count == 3 && notes[2].contains("stay in memory"))
        #expect(whole.trainingCount == result.trainingCount && whole.heldOutCount == result.heldOutCount)
        #expect(whole.head != result.head)
    }

    @Test("An interruption ends pools too, in the middle of an epoch", arguments: [1, 7, 60])
    func interruptedPools(step: Int) throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        let interruption = Interruption()
        var steps = 0
        let result = try HeadTrainer(settings).train(dataset, interruption: interruption) { _ in
            steps += 1
            if steps == step { interruption.request() }
        }
        #expect(steps == step && result.wasInterrupted)
    }

    @Test("A request with the last step interrupts nothing")
    func lateInterruption() throws {
        let (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        let interruption = Interruption()
        let result = try HeadTrainer(settings).train(dataset, interruption: interruption) {
            if $0.done == $0.total { interruption.request() }
        }
        #expect(interruption.isRequested && !result.wasInterrupted && result.losses.count == 3)
    }

    @Test("A damaged chunk ends the training with the reader's error", arguments: [30_000, nil])
    func damage(memory: Int?) throws {
        var (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        (settings.memory, settings.heldOutFraction) = (memory, 0)
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        try sample.damageSegment()
        let error = #expect(throws: InputError.self) { try HeadTrainer(settings).train(dataset) { _ in } }
        #expect(error?.object.contains("000001.seg: chunk") == true)
    }

    @Test("Too little memory is refused with what would do")
    func tooLittle() throws {
        var (sample, settings) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        settings.memory = 20_000
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        let error = #expect(throws: InputError.self) { try HeadTrainer(settings).train(dataset) { _ in } }
        #expect(error?.remedy.contains("--memory 1M") == true)
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
