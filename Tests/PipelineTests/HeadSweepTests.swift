import FeatureStorage
import MetricLearning
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("A sweep")
struct HeadSweepTests {
    private func settings() -> HeadTrainer.Settings {
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize, settings.seed, settings.keepsTrained) = (2, 16, 3, true)
        return settings
    }

    private func sample() throws -> (SampleStore, FeatureDataset) {
        let sample = try SampleStore(classes: 12, perClass: 8)
        return (sample, try FeatureDataset(store: try sample.open(), space: sample.space))
    }

    private let losses = [
        ComponentDescription("SupConLoss"), ComponentDescription("ArcFaceLoss", ["margin": .number(20)]),
    ]

    @Test("Every loss with every rate gives what it gives alone, and the best is the best", arguments: [nil, 30_000])
    func trials(memory: Int?) throws {
        let (sample, pooled) = try SampleStore.pooled()
        defer { sample.folder.clean() }
        var settings = settings()
        (settings.memory, settings.batchSize, settings.itemsPerClass) = (memory, 8, pooled.itemsPerClass)
        let dataset = try FeatureDataset(store: try sample.open(), space: sample.space)
        let sweep = HeadSweep(settings, losses: losses, learningRates: [1e-3, 3e-2])
        var shown: [ProgressUpdate] = []
        let trials = try sweep.train(dataset) { shown.append($0) }
        #expect(trials.map(\.settings) == sweep.settings && trials.count == 4)
        #expect(trials.map(\.settings.loss) == [losses[0], losses[0], losses[1], losses[1]])
        #expect(trials.map(\.settings.learningRate) == [1e-3, 3e-2, 1e-3, 3e-2])
        for trial in trials {
            let alone = try HeadTrainer(trial.settings).train(dataset) { _ in }
            #expect(trial.result?.head == alone.head && trial.result?.losses == alone.losses)
        }
        let values = trials.compactMap { $0.result?.after?.meanAveragePrecisionAtR }
        #expect(HeadSweep.best(of: trials) == values.firstIndex(of: values.max() ?? 0))
        #expect(shown.last.map { $0.done == $0.total } == true && shown.last?.note == "4 of 4 trials done")
    }

    @Test("What diverges is told and does not end the others; where all do, it is the error")
    func failures() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        var settings = settings()
        (settings.head, settings.optimizer) = (.plain, ComponentDescription("SGD"))
        let trials = try HeadSweep(settings, losses: [], learningRates: [1e38, 1e-3]).train(dataset) { _ in }
        #expect(trials[0].result == nil && trials[1].result != nil && HeadSweep.best(of: trials) == 1)
        let error = #expect(throws: InputError.self) {
            try HeadSweep(settings, losses: [], learningRates: [1e38]).train(dataset) { _ in }
        }
        #expect(error?.fact.contains("diverged") == true)
    }

    @Test("Without held-out pictures there is nothing to choose by")
    func nothingToChooseBy() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        var settings = settings()
        settings.validation = .none
        #expect(throws: InputError.self) {
            try HeadSweep(settings, losses: losses, learningRates: []).train(dataset) { _ in }
        }
    }

    @Test("Trials that an interruption keeps from beginning are left out")
    func interrupted() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        let interruption = Interruption()
        interruption.request()
        let sweep = HeadSweep(settings(), losses: losses, learningRates: [])
        #expect(try sweep.train(dataset, interruption: interruption) { _ in }.isEmpty)
    }
}
