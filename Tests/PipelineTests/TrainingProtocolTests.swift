import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("The protocol of a training")
struct TrainingProtocolTests {
    private func settings(_ change: (inout HeadTrainer.Settings) -> Void = { _ in }) -> HeadTrainer.Settings {
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize, settings.seed, settings.patience) = (6, 16, 3, nil)
        settings.learningRate = 1e-2
        change(&settings)
        return settings
    }

    private func sample(classes: Int = 12) throws -> (SampleStore, FeatureDataset) {
        let sample = try SampleStore(classes: classes, perClass: 12)
        return (sample, try FeatureDataset(store: try sample.open(), space: sample.space))
    }

    @Test("What is kept is the best of the raw features, the projection and every epoch")
    func kept() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        for seed in 0..<4 {
            let result = try HeadTrainer(settings { $0.seed = UInt64(seed) }).train(dataset) { _ in }
            let after = try #require(result.after?.meanAveragePrecisionAtR)
            let raw = try #require(result.before?.meanAveragePrecisionAtR)
            let epochs = result.epochs.compactMap(\.monitored)
            #expect(epochs.count == 7 && result.epochs.map(\.epoch) == Array(0...6))
            #expect(after == max(raw, epochs.max() ?? 0))
            switch result.kept {
            case .rawFeatures: #expect(result.head.layerCount == 0 && result.head.shortcut == nil && after == raw)
            case .projection: #expect(result.head.layerCount == 0 && after == epochs[0])
            case .trained(let epoch): #expect(after == epochs[epoch] && result.epochs[epoch].isBest)
            }
            let features = try sample.open().readFeatures(in: sample.space).features
            #expect(result.head.embeddings(of: features).columns == result.head.outputDimension)
        }
    }

    @Test("A training that ruins the features keeps what it began with, unless told otherwise")
    func gate() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        func train(_ keepsTrained: Bool) throws -> HeadTrainer.Result {
            try HeadTrainer(
                settings {
                    // One dimension cannot hold twelve classes.
                    ($0.outputDimension, $0.head, $0.epochs, $0.keepsTrained) = (1, .plain, 1, keepsTrained)
                }
            ).train(dataset) { _ in }
        }
        let kept = try train(false)
        #expect(
            kept.kept == .rawFeatures && kept.after == kept.before && kept.head.outputDimension == SampleStore.dimension
        )
        let forced = try train(true)
        #expect(forced.kept == .trained(epoch: 1) && forced.head.outputDimension == 1)
    }

    @Test("Classes are held out where there are ten or more, pictures otherwise")
    func validation() throws {
        for (classes, expected) in [(12, ValidationChoice.classes), (4, .items)] {
            let (sample, dataset) = try sample(classes: classes)
            defer { sample.folder.clean() }
            let result = try HeadTrainer(settings { $0.epochs = 1 }).train(dataset) { _ in }
            #expect(result.validation == expected)
            #expect(result.trainingCount + result.heldOutCount == classes * 12)
        }
        let (sample, dataset) = try sample(classes: 3)
        defer { sample.folder.clean() }
        let error = #expect(throws: InputError.self) {
            try HeadTrainer(settings { $0.validation = .classes }).train(dataset) { _ in }
        }
        #expect(error?.remedy.contains("--validation items") == true)
    }

    @Test("A file names the pictures that judge; a row that names none is refused by its number")
    func listedValidation() throws {
        let (sample, dataset) = try sample(classes: 4)
        defer { sample.folder.clean() }
        let paths = try sample.open().pictures(in: sample.space).map(\.path)
        let list = sample.folder.path("judges.txt")
        try Data(paths.prefix(30).joined(separator: "\n").utf8).write(to: URL(fileURLWithPath: list))
        let result = try HeadTrainer(settings { ($0.epochs, $0.validation) = (1, .pictures(PictureSet(list))) }).train(
            dataset
        ) { _ in }
        #expect(result.heldOutCount == 30 && result.validation == .pictures(PictureSet(list)))
        try Data((paths[0] + "\n/nowhere.jpg\n").utf8).write(to: URL(fileURLWithPath: list))
        let error = #expect(throws: InputError.self) {
            try HeadTrainer(settings { $0.validation = .pictures(PictureSet(list)) }).train(dataset) { _ in }
        }
        #expect(error?.object.contains("row 2") == true)
    }

    @Test("Training ends when it no longer gets better")
    func patience() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        let result = try HeadTrainer(settings { ($0.epochs, $0.patience) = (60, 2) }).train(dataset) { _ in }
        let values = result.epochs.dropFirst().compactMap(\.monitored)
        let best = try #require(values.max())
        #expect(values.count < 60 && values.firstIndex(of: best) == values.count - 3)
        #expect(!result.wasInterrupted)
    }

    @Test(
        "Every loss trains, over classes too, and every optimizer and schedule",
        arguments: LossCatalog.entries.map(\.name) + ["CrossBatchMemory(loss=SupConLoss, memory_size=64)"])
    func losses(name: String) throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        let settings = try settings {
            $0.loss = try ComponentDescription(parsing: name)
            ($0.epochs, $0.keepsTrained, $0.learningRate) = (2, true, 1e-3)
            ($0.schedule, $0.warmup, $0.largestNorm) = (ComponentDescription("cosine"), .fraction(0.2), 1)
            $0.optimizer = ComponentDescription("AdamW")
        }
        let result = try HeadTrainer(settings).train(dataset) { _ in }
        #expect(result.kept != .rawFeatures && result.losses.allSatisfy { $0.isFinite } && result.losses.count == 2)
        #expect(try HeadTrainer(settings).train(dataset) { _ in }.head == result.head)
    }

    private func settings(_ change: (inout HeadTrainer.Settings) throws -> Void) rethrows -> HeadTrainer.Settings {
        var settings = settings()
        try change(&settings)
        return settings
    }

    @Test(
        "A run that is interrupted and gone on with gives the same head, whenever it was", arguments: [1, 7, 20],
        ["TripletMarginLoss", "ArcFaceLoss", "CrossBatchMemory(memory_size=64)"])
    func resuming(step: Int, loss: String) throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        let store = try sample.open()
        let settings = try settings {
            $0.loss = try ComponentDescription(parsing: loss)
            ($0.keepsTrained, $0.architecture.dropout, $0.optimizer) = (true, 0.2, ComponentDescription("NAdam"))
        }
        func run(_ name: String, stopAt stop: Int? = nil, isResumed: Bool = false) throws -> HeadTrainer.Result {
            let folder = try RunFolder(
                store: store, name: name, settings: settings, dataset: dataset, isResumed: isResumed)
            let interruption = Interruption()
            return try HeadTrainer(settings).train(dataset, run: folder, interruption: interruption) {
                if $0.done == stop { interruption.request() }
            }
        }
        let whole = try run("whole")
        #expect(try run("cut", stopAt: step).wasInterrupted)
        let resumed = try run("cut", isResumed: true)
        #expect(resumed.head == whole.head && resumed.losses == whole.losses && !resumed.wasInterrupted)
        #expect(resumed.epochs.map(\.monitored) == whole.epochs.map(\.monitored))
        // Gone on with once more, there is nothing left to do.
        #expect(try run("cut", isResumed: true).head == whole.head)
        let journal = RunJournal<EpochReport>(path: "\(store.runsFolder)/cut/metrics.jsonl")
        #expect(try journal.records().map(\.epoch) == Array(0...6))
    }

    @Test("A run with other settings, without a beginning, or with a damaged checkpoint is not gone on with")
    func refusedResuming() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        let store = try sample.open()
        func folder(_ settings: HeadTrainer.Settings, isResumed: Bool) throws -> RunFolder {
            try RunFolder(store: store, name: "r", settings: settings, dataset: dataset, isResumed: isResumed)
        }
        #expect(throws: InputError.self) { try folder(settings(), isResumed: true) }
        let run = try folder(settings(), isResumed: false)
        _ = try HeadTrainer(settings()).train(dataset, run: run) { _ in }
        let error = #expect(throws: InputError.self) { try folder(settings { $0.batchSize = 24 }, isResumed: true) }
        #expect(error?.fact.contains("other settings") == true)
        for file in ["head.safetensors", "optimizer.safetensors", "progress.json", "best.safetensors"] {
            let path = "\(run.path)/checkpoint/\(file)"
            let data = try Data(contentsOf: URL(fileURLWithPath: path))
            try data.prefix(data.count / 2).write(to: URL(fileURLWithPath: path))
            let resumed = try folder(settings(), isResumed: true)
            #expect(throws: InputError.self, "\(file)") {
                try HeadTrainer(settings()).train(dataset, run: resumed) { _ in }
            }
            try data.write(to: URL(fileURLWithPath: path))
        }
    }

    @Test("Examples show pictures of the index, best first, without the query, before and after")
    func examples() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        let result = try HeadTrainer(settings { $0.epochs = 1 }).train(dataset, examples: 5) { _ in }
        #expect(result.examples.count == 5 && Set(result.examples.map(\.query)).count == 5)
        let labels = Dictionary(
            uniqueKeysWithValues: try sample.open().pictures(in: sample.space).map { ($0.path, $0.label) })
        let data = try LabeledFeatures(store: try sample.open(), space: sample.space)
        let embeddings = result.head.embeddings(of: data.features)
        for example in result.examples {
            #expect(labels[example.query] == example.label)
            for found in [example.before, example.after] {
                #expect(
                    found.count == 5 && found.map(\.rank) == Array(1...5) && !found.map(\.path).contains(example.query))
                #expect(found.allSatisfy { labels[$0.path] == $0.label })
                #expect(found.map(\.score) == found.map(\.score).sorted(by: >))
            }
            let rows = try [example.query, example.after[0].path].map { try #require(data.paths.firstIndex(of: $0)) }
            let pair = embeddings.rows(at: rows).normalizedRows()
            let cosine = zip(pair.row(0), pair.row(1)).reduce(0) { $0 + $1.0 * $1.1 }
            #expect(abs(cosine - example.after[0].score) < 1e-5)
        }
    }

    @Test("A training goes on from a head: from its numbers, which are kept where no epoch is better")
    func continuing() throws {
        let (sample, dataset) = try sample()
        defer { sample.folder.clean() }
        let first = try HeadTrainer(settings { ($0.epochs, $0.keepsTrained) = (4, true) }).train(dataset) { _ in }
        let going = HeadTrainer(settings { $0.epochs = 2 }, continuing: first.head)
        let second = try going.train(dataset) { _ in }
        #expect(second.epochs[0].monitored == first.after?.meanAveragePrecisionAtR)
        #expect(try second.epochs[1].monitored != HeadTrainer(settings()).train(dataset) { _ in }.epochs[1].monitored)
        let ruined = HeadTrainer(settings { ($0.epochs, $0.learningRate) = (2, 5) }, continuing: first.head)
        let kept = try ruined.train(dataset) { _ in }
        let best = max(
            first.after?.meanAveragePrecisionAtR ?? 0, first.before?.meanAveragePrecisionAtR ?? 0,
            first.projection?.meanAveragePrecisionAtR ?? 0)
        #expect(kept.after?.meanAveragePrecisionAtR == best)
        var other = settings()
        other.outputDimension = 5
        #expect(throws: InputError.self) {
            try HeadTrainer(other, continuing: first.head).train(dataset) { _ in }
        }
        let layerless = first.head.withoutLayers
        #expect(throws: InputError.self) {
            try HeadTrainer(settings(), continuing: layerless).train(dataset) { _ in }
        }
    }
}
