import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("Training on pairs")
struct ScoredPairTrainerTests {
    private let sample: SampleStore

    init() throws { sample = try SampleStore(classes: 4, perClass: 25) }

    /// Paths as the sample has them: pictures come class by class in turn.
    private func path(_ number: Int) -> String { "/p/c\(number % 4)/\(number).jpg" }

    private func pairs(_ lines: [String]) throws -> PicturePairs {
        let file = sample.folder.path("pairs.csv")
        try lines.joined(separator: "\n").write(toFile: file, atomically: true, encoding: .utf8)
        return try PicturePairs(path: file, of: sample.open().pictures(in: sample.space))
    }

    private func scored(_ count: Int) throws -> PicturePairs {
        var generator = SeededGenerator(seed: 4)
        return try pairs(
            (0..<count).map { _ in
                let (a, b) = (generator.index(below: 100), generator.index(below: 100))
                // Classes 0 and 2 are alike, and 1 and 3, which the features do not say.
                return "\(path(a)),\(path(b)),\(a % 2 == b % 2 ? 1 : 0)"
            })
    }

    private func settings() -> HeadTrainer.Settings {
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize, settings.learningRate, settings.patience) = (15, 32, 1e-2, nil)
        return settings
    }

    private func train(_ pairs: PicturePairs, _ settings: HeadTrainer.Settings) throws -> HeadTrainer.Result {
        let dataset = try FeatureDataset(store: sample.open(), space: sample.space, mostViews: 1, pairs: pairs)
        return try ScoredPairTrainer(settings).train(pairs, of: dataset) { _ in }
    }

    @Test("that are linked gives a class for each chain, whatever the order of the rows")
    func linked() throws {
        for order in [[0, 1, 2, 3], [3, 1, 0, 2]] {
            let lines = [
                "\(path(1)),\(path(2))", "\(path(2)),\(path(3))", "\(path(7)),\(path(8))", "\(path(3)),\(path(1))",
            ]
            let pairs = try pairs(order.map { lines[$0] })
            let dataset = try FeatureDataset(store: sample.open(), space: sample.space, pairs: pairs)
            #expect(dataset.count == 5 && dataset.classNames.count == 2 && !pairs.isScored)
            let labels = dataset.labels(of: 0..<5)
            // In the order of their paths: c0/8, c1/1, c2/2, c3/3, c3/7.
            #expect(labels[0] == labels[4] && Set(labels[1...3]).count == 1 && labels[0] != labels[1])
        }
    }

    @Test("with scores makes cosines of held-out pairs follow theirs better, and the same seed gives the same head")
    func improves() throws {
        let scored = try scored(300)
        let first = try train(scored, settings())
        let pairs = try #require(first.pairs)
        #expect(first.heldOutCount == 60 && first.trainingCount == 240 && pairs.before.pairs == 60)
        #expect(pairs.after.spearman > pairs.before.spearman)
        #expect(pairs.after.meanSquaredError < pairs.before.meanSquaredError / 2)
        #expect(first.losses.count == 15 && first.losses[14] < first.losses[0] / 2)
        if case .trained = first.kept {} else { Issue.record("kept \(first.kept)") }
        let second = try train(scored, settings())
        #expect(try HeadFile(head: first.head).encoded() == HeadFile(head: second.head).encoded())
    }

    @Test("keeps the features where scores say nothing, and holds nothing out of a few")
    func useless() throws {
        var generator = SeededGenerator(seed: 9)
        let noise = try pairs(
            (0..<60).map { _ in
                let (a, b) = (generator.index(below: 100), generator.index(below: 100))
                return "\(path(a)),\(path(b)),\(generator.uniform(0, 1))"
            })
        let result = try train(noise, settings())
        let found = try #require(result.pairs)
        #expect(found.after.spearman >= found.before.spearman)
        let few = try train(scored(10), settings())
        #expect(few.pairs == nil && few.heldOutCount == 0 && few.validation == .none)
    }

    @Test("refuses rows that name no picture of the store, and pairs without scores")
    func refused() throws {
        let unknown = try #require(throws: InputError.self) {
            try pairs(["\(path(1)),\(path(2))", "\(path(1)),/p/x.jpg"])
        }
        #expect(unknown.object.hasSuffix("pairs.csv, row 2") && unknown.fact.hasSuffix("/p/x.jpg"))
        let broken = try #require(throws: InputError.self) {
            try pairs(["\(path(1)),\(path(2)),1", "\(path(1)),\(path(2)),"])
        }
        #expect(broken.object.hasSuffix("row 2"))
        let plain = try pairs(["\(path(1)),\(path(2))"])
        #expect(throws: InputError.self) { try train(plain, settings()) }
    }
}
