import GoldenData
import Tensors
import Testing
import ThreadGroup

@testable import MetricLearning

@Suite("Training by several processes")
struct DataParallelTests {
    /// What is trained, and how.
    struct Case: Sendable, CustomTestStringConvertible {
        let testDescription: String
        var loss = ComponentDescription("TripletMarginLoss")
        var architecture = HeadArchitecture()
        var isResidual = false
        var largestNorm: Double?
        var miner: (any Miner)?
    }

    private static let labels = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 3]

    static let cases: [Case] = [
        Case(testDescription: "triplets"),
        Case(testDescription: "triplets with a miner", miner: TripletMarginMiner()),
        Case(testDescription: "SupCon, clipped", loss: ComponentDescription("SupConLoss"), largestNorm: 0.1),
        Case(testDescription: "proxies", loss: ComponentDescription("ProxyAnchorLoss")),
        Case(testDescription: "a memory", loss: ComponentDescription("CrossBatchMemory")),
        Case(testDescription: "dropout, biases, two layers", architecture: biased),
        Case(testDescription: "a residual head", isResidual: true),
    ]

    private static var biased: HeadArchitecture {
        var form = HeadArchitecture()
        (form.layers, form.dropout, form.normalizesOutput, form.hasBias) = (2, 0.3, false, true)
        return form
    }

    private static func start(_ test: Case, group: (any ProcessGroup)?) throws -> TrainingState<ProjectionHead> {
        let shortcut = Shortcut(
            mean: Matrix.random(1, 32, seed: 8), projection: Matrix.random(8, 32, seed: 9), residualWeight: 1)
        let head = ProjectionHead(
            inputDimension: 32, outputDimension: 8, architecture: test.architecture,
            shortcut: test.isResidual ? shortcut : nil, seed: 3)
        return TrainingState(
            head: head, loss: try LossCatalog.loss(test.loss, classes: 4, dimension: 8, seed: 1), miner: test.miner,
            optimizer: Adam(learningRate: 1e-3), largestNorm: test.largestNorm, group: group)
    }

    /// The losses of some steps, and the head after them.
    private static func trained(
        _ test: Case, group: (any ProcessGroup)?
    ) throws -> (losses: [Float], head: ProjectionHead) {
        var state = try start(test, group: group)
        let centers = Matrix.random(4, 32, seed: 1)
        let losses = try (0..<5).map { step in
            var features = Matrix.random(labels.count, 32, seed: UInt64(100 + step))
            for (row, label) in labels.enumerated() {
                for column in 0..<32 { features[row, column] = centers[label, column] + 0.7 * features[row, column] }
            }
            return try state.step(features: features, labels: labels)
        }
        return (losses, state.head)
    }

    @Test("makes the steps of one process with the same batch", arguments: cases, [2, 3])
    func equality(_ test: Case, _ size: Int) throws {
        let alone = try Self.trained(test, group: nil)
        let together = try ThreadGroup.run(size) { try Self.trained(test, group: $0) }
        for one in together {
            #expect(one.losses == together[0].losses && one.head == together[0].head, "processes differ")
            for (loss, expected) in zip(one.losses, alone.losses) { #expect(abs(loss - expected) < 1e-5) }
        }
        let found = together[0].head
        for (ours, expected) in zip(found.parameters, alone.head.parameters) {
            let distance = zip(ours.elements, expected.elements).map { abs($0 - $1) }.max() ?? 0
            // Adam divides by the root of a squared gradient: where one is nearly 0, the order of a sum shows.
            #expect(distance < 5e-4, "parameters differ by \(distance)")
        }
        for (ours, expected) in zip(found.layers, alone.head.layers) {
            let pairs = zip(ours.statistics?.variances ?? [], expected.statistics?.variances ?? [])
            #expect(pairs.allSatisfy { abs($0 - $1) <= 1e-4 * abs($1) })
        }
    }

    @Test("refuses a batch with fewer rows than processes, in all of them")
    func tooFewRows() throws {
        let errors = try ThreadGroup.run(3) { group in
            var state = try Self.start(Self.cases[0], group: group)
            let error = #expect(throws: InputError.self) {
                _ = try state.step(features: Matrix.random(2, 32, seed: 1), labels: [0, 0])
            }
            return error?.fact ?? ""
        }
        #expect(errors.allSatisfy { $0 == "has a batch of 2 for 3 processes" })
    }

    @Test("divides a batch so that every row has one process")
    func shares() throws {
        for (count, size) in [(7, 3), (128, 5), (3, 3), (10, 1)] {
            let shares = try ThreadGroup.run(size) { $0.share(of: count, rank: $0.rank) }
            #expect(shares.flatMap { Array($0) } == Array(0..<count))
            #expect((shares.map(\.count).max() ?? 0) - (shares.map(\.count).min() ?? 0) <= 1)
        }
    }

    @Test("notices where processes differ")
    func disagreement() throws {
        let told = try ThreadGroup.run(3) { group -> String in
            let own = Fingerprint(of: [UInt8(group.rank == 2 ? 1 : 0)])
            do { try group.requireSame(own, "heads") } catch let error as InputError { return error.fact }
            return ""
        }
        let other = "works with others that have other heads"
        #expect(told == [other, other, "has other heads than process 0"])
    }
}
