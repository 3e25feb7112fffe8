import GoldenData
import Tensors
import Testing

@testable import MetricLearning

@Suite("A training state")
struct TrainingStateTests {
    private let labels = [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]

    private func state(learningRate: Double = 1e-2, miner: (any Miner)? = nil) -> TrainingState<ProjectionHead> {
        TrainingState(
            head: ProjectionHead(inputDimension: 32, outputDimension: 8, seed: 3), loss: TripletMarginLoss(margin: 0.2),
            miner: miner, optimizer: Adam(learningRate: learningRate))
    }

    /// A noisy point per class.
    private func features(_ step: Int) -> Matrix {
        let centers = Matrix.random(4, 32, seed: 1)
        var features = Matrix.random(labels.count, 32, seed: UInt64(100 + step))
        for (row, label) in labels.enumerated() {
            for column in 0..<32 { features[row, column] = centers[label, column] + 0.7 * features[row, column] }
        }
        return features
    }

    @Test("learns to tell classes apart")
    func learning() throws {
        var state = state()
        let losses = try (0..<40).map { try state.step(features: features($0), labels: labels) }
        #expect(losses[30...].reduce(0, +) / 10 < 0.5 * losses[..<5].reduce(0, +) / 5)
        #expect(state.steps == 40)
    }

    @Test("gives the same bits twice")
    func determinism() throws {
        func run() throws -> ProjectionHead {
            var state = state(miner: TripletMarginMiner())
            for step in 0..<3 { _ = try state.step(features: features(step), labels: labels) }
            return state.head
        }
        #expect(try run() == run())
    }

    @Test(
        "gives the same where gradients are looked at before the step, whatever the optimizer",
        arguments: OptimizerCatalog.entries.map(\.name), [TrainingPrecision.f32, .bf16])
    func lookedAt(optimizer: String, precision: TrainingPrecision) throws {
        guard precision == .f32 || BFloat16Matrix.hasProducts else { return }
        func run(_ largestNorm: Double?) throws -> ProjectionHead {
            var state = TrainingState(
                head: ProjectionHead(inputDimension: 32, outputDimension: 8, seed: 3), loss: SupConLoss(),
                optimizer: try OptimizerCatalog.optimizer(ComponentDescription(optimizer)), largestNorm: largestNorm,
                precision: precision)
            for step in 0..<3 { _ = try state.step(features: features(step), labels: labels) }
            return state.head
        }
        let (left, looked) = try (run(nil), run(.greatestFiniteMagnitude))
        for (own, other) in zip(left.parameters, looked.parameters) {
            expectClose(own.elements, other.elements.map(Double.init), optimizer)
        }
    }

    @Test("goes on from a copy as from itself")
    func checkpoints() throws {
        var state = state()
        for step in 0..<2 { _ = try state.step(features: features(step), labels: labels) }
        var checkpoint = state
        for step in 2..<4 { _ = try state.step(features: features(step), labels: labels) }
        for step in 2..<4 { _ = try checkpoint.step(features: features(step), labels: labels) }
        #expect(state.head == checkpoint.head)
    }

    @Test("goes back to a snapshot, whatever batches came between", arguments: TrainingPrecision.allCases)
    func restoring(precision: TrainingPrecision) throws {
        guard precision == .f32 || BFloat16Matrix.hasProducts else { return }
        var state = TrainingState(
            head: ProjectionHead(inputDimension: 32, outputDimension: 8, seed: 3), loss: SupConLoss(),
            precision: precision)
        // Weights in reduced precision are kept from step to step, for batches of one size.
        func steps(_ numbers: Range<Int>) throws -> ProjectionHead {
            for step in numbers {
                let rows = step % 3 == 1 ? 6 : labels.count
                _ = try state.step(features: features(step).rows(in: 0..<rows), labels: Array(labels[..<rows]))
            }
            return state.head
        }
        _ = try steps(0..<3)
        let snapshot = state.snapshot
        let first = try steps(3..<7)
        try state.restore(snapshot)
        #expect(state.head == snapshot.head)
        #expect(try steps(3..<7) == first)
    }

    @Test("stops with the step and the remedy when training diverges, also where a miner finds nothing any more")
    func divergence() throws {
        for miner in [nil, TripletMarginMiner()] { try expectStop(state(learningRate: .infinity, miner: miner)) }
    }

    private func expectStop(_ start: TrainingState<ProjectionHead>) throws {
        var state = start
        let error = #expect(throws: InputError.self) {
            for step in 0..<5 { _ = try state.step(features: features(step), labels: labels) }
        }
        #expect(error?.object == "training step 2")
        #expect(error?.remedy.contains("--learning-rate") == true)
    }

    @Test("stops at a loss that is not finite, with the parameters as they were")
    func divergedLoss() {
        struct Broken: MetricLoss {
            func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation {
                LossEvaluation(value: .infinity, gradient: embeddings)
            }
        }
        let head = ProjectionHead(inputDimension: 32, outputDimension: 8, seed: 3)
        var state = TrainingState(head: head, loss: Broken())
        let error = #expect(throws: InputError.self) { _ = try state.step(features: features(0), labels: labels) }
        #expect(error?.fact.contains("the loss is no longer a finite number") == true)
        #expect(state.head.parameters == head.parameters)
        #expect(state.steps == 0)
    }

    @Test("refuses a batch of one")
    func batchOfOne() {
        var state = state()
        let error = #expect(throws: InputError.self) {
            _ = try state.step(features: features(0).rows(in: 0..<1), labels: [0])
        }
        #expect(error?.remedy.contains("--batch-size") == true)
    }

    private struct Golden: Decodable {
        struct Options: Decodable { let lr: Double }
        struct Parameters: Decodable { let margin: Float }
        let options: Options
        let params: Parameters
        let y: [Int]
        let batches: [NestedNumbers]
        let initial: [String: NestedNumbers]
        let losses: [Double]
        let final: [String: NestedNumbers]
        let eval_out: NestedNumbers

        enum CodingKeys: String, CodingKey {
            case initial = "init"
            case options, params, y, batches, losses, final, eval_out
        }
    }

    @Test(
        "gives PyTorch's losses and weights over twelve steps",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let golden: Golden = try GoldenData.json("metric-learning/e2e_TripletMarginLoss.json")
        var state = TrainingState(
            head: try ProjectionHead(stateDictionary: golden.initial),
            loss: TripletMarginLoss(margin: golden.params.margin), optimizer: Adam(learningRate: golden.options.lr))
        let losses = try golden.losses.indices.map {
            try state.step(features: golden.batches[$0 % golden.batches.count].matrix, labels: golden.y)
        }
        expectClose(losses, golden.losses, "losses")
        for (name, parameter) in zip(state.head.parameterNames, state.head.parameters) {
            expectClose(parameter.elements, try #require(golden.final[name]).elements, name)
        }
        for layer in 0..<3 {
            let (names, statistics) = (LayerNames(layer), try #require(state.head.layers[layer].statistics))
            expectClose(statistics.means, try #require(golden.final[names.mean]).elements, names.mean)
            expectClose(statistics.variances, try #require(golden.final[names.variance]).elements, names.variance)
        }
        let embeddings = state.head.embeddings(of: golden.batches[0].matrix)
        expectClose(embeddings.elements, golden.eval_out.elements, "embeddings")
    }
}
