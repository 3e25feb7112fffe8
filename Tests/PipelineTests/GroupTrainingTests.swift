import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors
import Testing
import ThreadGroup

@testable import Pipeline

@Suite("Training by a group of processes")
struct GroupTrainingTests {
    private static let settings: HeadTrainer.Settings = {
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize, settings.learningRate) = (4, 16, 1e-3)
        settings.loss = ComponentDescription("SupConLoss")
        settings.keepsTrained = true
        return settings
    }()

    private static func train(
        _ data: FeatureDataset, _ group: (any ProcessGroup)? = nil, run: RunFolder? = nil,
        interruption: Interruption = Interruption(), progress: ProgressHandler = { _ in }
    ) throws -> HeadTrainer.Result {
        try HeadTrainer(settings, group: group).train(
            data, run: run, examples: 1, interruption: interruption, progress: progress)
    }

    @Test("has the curve of one process, measures the same, and all have one head")
    func curve() throws {
        let sample = try SampleStore(classes: 4, perClass: 20)
        defer { sample.folder.clean() }
        let data = try FeatureDataset(store: try sample.open(), space: sample.space)
        let alone = try Self.train(data)
        let together = try ThreadGroup.run(2) { try Self.train(data, $0) }
        for result in together {
            #expect(result.head == together[0].head && result.kept == alone.kept && result.losses.count == 4)
            for (loss, expected) in zip(result.losses, alone.losses) { #expect(abs(loss - expected) < 1e-4) }
            #expect(result.epochs.map(\.isBest) == together[0].epochs.map(\.isBest))
            let values = zip(result.epochs, alone.epochs).map { ($0.monitored ?? 9) - ($1.monitored ?? 0) }
            #expect(values.allSatisfy { abs($0) < 1e-3 }, "\(values)")
        }
        #expect(together.map(\.examples.count) == [1, 0])
    }

    @Test("writes one run, stops where one of it is asked to, and goes on with the same bits")
    func resumption() throws {
        let sample = try SampleStore(classes: 4, perClass: 20)
        defer { sample.folder.clean() }
        let store = try sample.open()
        let data = try FeatureDataset(store: store, space: sample.space)
        func run(_ name: String, stopAt stop: Int? = nil, isResumed: Bool = false) throws -> [HeadTrainer.Result] {
            try ThreadGroup.run(2) { group in
                let folder = try RunFolder(
                    store: store, name: name, settings: Self.settings, dataset: data, isResumed: isResumed,
                    isReader: !group.isFirst)
                let interruption = Interruption()
                return try Self.train(data, group, run: folder, interruption: interruption) { update in
                    if group.rank == 1, update.done == stop { interruption.request() }
                }
            }
        }
        let whole = try run("whole")
        let cut = try run("cut", stopAt: 6)
        #expect(cut.allSatisfy { $0.wasInterrupted && $0.losses.count < 4 })
        let resumed = try run("cut", isResumed: true)
        #expect(resumed.allSatisfy { $0.head == whole[0].head && $0.losses == whole[0].losses && !$0.wasInterrupted })
        let journal = try String(contentsOfFile: "\(store.runsFolder)/cut/metrics.jsonl", encoding: .utf8)
        #expect(journal.split(separator: "\n").count == 5)
    }

    @Test("refuses to train where one of it has other pictures")
    func otherPictures() throws {
        let samples = try [SampleStore(classes: 4, perClass: 20), SampleStore(classes: 4, perClass: 21)]
        defer { for sample in samples { sample.folder.clean() } }
        let data = try samples.map { try FeatureDataset(store: try $0.open(), space: $0.space) }
        let errors = try ThreadGroup.run(2) { group -> String in
            let error = #expect(throws: InputError.self) { _ = try Self.train(data[group.rank], group) }
            return error?.fact ?? ""
        }
        #expect(errors[0].contains("others that have other pictures") && errors[1].contains("than process 0"))
    }
}
