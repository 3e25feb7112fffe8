import GoldenData
import Tensors
import Testing

@testable import MetricLearning

/// `head1.json` to `head3.json`.
struct ReferenceHead: Decodable {
    struct Step: Decodable {
        let x: NestedNumbers
        let out: NestedNumbers
        let grad_x: NestedNumbers
        let grads: [String: NestedNumbers]
        let running: [String: NestedNumbers]
        let loss: Double
    }
    let initial: [String: NestedNumbers]
    let y: [Int]
    let steps: [Step]
    let eval_x, eval_out, eval_out_l2: NestedNumbers

    enum CodingKeys: String, CodingKey {
        case initial = "init"
        case y, steps, eval_x, eval_out, eval_out_l2
    }
}

@Suite("A projection head in training")
struct ProjectionHeadTrainingTests {
    private let labels = [0, 0, 0, 1, 1, 1, 2, 2]

    @Test("does what a plain head in Double does", arguments: [1, 2, 3])
    func twin(layers: Int) {
        var head = ProjectionHead(inputDimension: 7, outputDimension: 5, layerCount: layers, seed: 4)
        let features = Matrix.random(9, 7, seed: 8)
        let expected = NaiveHead(head).forward(features.doubles)
        var workspace = HeadWorkspace()
        expectClose(head.forward(features, workspace: &workspace).elements, expected.flatMap { $0 })
        #expect(workspace.inputGradient == nil)
    }

    @Test(
        "has the derivatives that finite differences find, by every parameter and by the features",
        arguments: HeadForms.all)
    func finiteDifferencesAgree(form: HeadArchitecture) {
        checkDerivatives(HeadForms.head(form, shortcut: nil))
    }

    @Test("has them behind a shortcut too", arguments: HeadForms.all)
    func finiteDifferencesBehindShortcut(form: HeadArchitecture) {
        checkDerivatives(HeadForms.head(form, shortcut: HeadForms.shortcut))
    }

    @Test("has them with dropout too")
    func finiteDifferencesWithDropout() {
        var form = HeadArchitecture()
        form.dropout = 0.4
        checkDerivatives(HeadForms.head(form, shortcut: HeadForms.shortcut))
    }

    private func checkDerivatives(_ start: ProjectionHead) {
        var head = start
        let features = Matrix.random(8, 6, seed: 13)
        let outputWeights = Matrix.random(8, 4, seed: 14)
        func objective(_ outputs: [[Double]]) -> Double {
            zip(outputs.joined(), outputWeights.elements).reduce(0) { $0 + $1.0 * Double($1.1) }
        }
        var naive = NaiveHead(head)
        naive.masks = masks(head, rows: 8)
        var workspace = HeadWorkspace(wantsInputGradient: head.shortcut == nil)
        expectClose(
            head.forward(features, workspace: &workspace).elements, naive.forward(features.doubles).flatMap { $0 },
            "outputs")
        head.backward(outputWeights, workspace: &workspace)
        for index in head.parameters.indices {
            let expected = finiteDifferences(at: naive.parameters[index], step: 1e-6) { moved in
                var changed = naive
                changed.parameters[index] = moved
                return objective(changed.forward(features.doubles))
            }
            expectClose(workspace.gradients[index].elements, expected, absolute: 5e-5, "parameter \(index)")
        }
        guard head.shortcut == nil else { return }
        let byFeatures = finiteDifferences(at: features.doubles, step: 1e-6) { objective(naive.forward($0)) }
        expectClose(workspace.inputGradient?.elements ?? [], byFeatures, absolute: 5e-5, "features")
    }

    /// What the first batch's dropout multiplies by.
    private func masks(_ head: ProjectionHead, rows: Int) -> [[[Double]]] {
        guard head.architecture.dropout > 0 else { return [] }
        return head.layers.indices.map { layer in
            var mask = Matrix(rows: rows, columns: head.layers[layer].outputs, repeating: 1)
            Dropout(probability: head.architecture.dropout, seed: head.dropoutSeed, batch: 1, layer: layer)
                .apply(to: &mask)
            return mask.doubles
        }
    }

    @Test("dropout takes its part, keeps the mean, and differs between batches and layers")
    func dropout() {
        func mask(_ batch: Int, _ layer: Int) -> [Float] {
            var mask = Matrix(rows: 100, columns: 1000, repeating: 1)
            Dropout(probability: 0.3, seed: 5, batch: batch, layer: layer).apply(to: &mask)
            return mask.elements
        }
        let first = mask(1, 0)
        let dropped = Double(first.count { $0 == 0 }) / Double(first.count)
        #expect(abs(dropped - 0.3) < 0.01)
        #expect(first.allSatisfy { $0 == 0 || abs($0 - 1 / 0.7) < 1e-6 })
        #expect(first == mask(1, 0) && first != mask(2, 0) && first != mask(1, 1))
    }

    @Test(
        "in bfloat16 has nearly the derivatives of single precision",
        .enabled(if: BFloat16Matrix.hasProducts, "needs AVX-512"))
    func reducedPrecision() {
        let start = ProjectionHead(inputDimension: 64, outputDimension: 32, seed: 3)
        let (features, slopes) = (Matrix.random(48, 64, seed: 4), Matrix.random(48, 32, seed: 5))
        func gradients(_ precision: TrainingPrecision) -> [Matrix] {
            var (head, workspace) = (start, HeadWorkspace(precision: precision))
            for _ in 0..<2 { _ = head.forward(features, workspace: &workspace) }
            head.backward(slopes, workspace: &workspace)
            return workspace.gradients
        }
        let (exact, reduced) = (gradients(.f32), gradients(.bf16))
        #expect(exact[0] != reduced[0])
        for (exact, reduced) in zip(exact, reduced) {
            func dot(_ left: Matrix, _ right: Matrix) -> Float {
                zip(left.elements, right.elements).reduce(0) { $0 + $1.0 * $1.1 }
            }
            #expect(dot(exact, reduced) > 0.99 * (dot(exact, exact) * dot(reduced, reduced)).squareRoot())
        }
    }

    @Test("gives the same with a used workspace, also after a batch of another size")
    func reuse() {
        let start = ProjectionHead(inputDimension: 6, outputDimension: 4, seed: 12)
        let gradient = Matrix.random(8, 4, seed: 3)
        func gradients(_ workspace: inout HeadWorkspace) -> [Matrix] {
            var head = start
            _ = head.forward(.random(8, 6, seed: 2), workspace: &workspace)
            head.backward(gradient, workspace: &workspace)
            return workspace.gradients
        }
        var fresh = HeadWorkspace()
        var used = HeadWorkspace()
        var head = start
        for rows in [5, 8, 3] {
            _ = head.forward(.random(rows, 6, seed: 1), workspace: &used)
            head.backward(.random(rows, 4, seed: 1), workspace: &used)
        }
        #expect(gradients(&fresh) == gradients(&used))
    }

    @Test("a snapshot keeps its weights while training goes on")
    func snapshots() throws {
        var state = TrainingState(
            head: ProjectionHead(inputDimension: 6, outputDimension: 4, seed: 12), loss: TripletMarginLoss())
        let snapshot = state
        let before = snapshot.head.parameters[0].elements[0]
        _ = try state.step(features: .random(8, 6, seed: 2), labels: labels)
        #expect(snapshot.head.parameters[0].elements[0] == before)
        #expect(state.head != snapshot.head)
        #expect(snapshot.steps == 0 && state.steps == 1)
    }

    @Test(
        "gives PyTorch's outputs, gradients and running statistics",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)), arguments: [1, 2, 3])
    func golden(layers: Int) throws {
        let golden: ReferenceHead = try GoldenData.json("metric-learning/head\(layers).json")
        var head = try ProjectionHead(stateDictionary: golden.initial)
        var workspace = HeadWorkspace(wantsInputGradient: true)
        for step in golden.steps {
            let outputs = head.forward(step.x.matrix, workspace: &workspace)
            expectClose(outputs.elements, step.out.elements, "outputs")
            head.backward(supervisedContrastiveGradient(step.out, labels: golden.y), workspace: &workspace)
            for (name, gradient) in zip(head.parameterNames, workspace.gradients) {
                expectClose(gradient.elements, try #require(step.grads[name]).elements, name)
            }
            expectClose(workspace.inputGradient?.elements ?? [], step.grad_x.elements, "features")
            for layer in 0..<layers {
                let names = LayerNames(layer)
                let statistics = try #require(head.layers[layer].statistics)
                expectClose(statistics.means, try #require(step.running[names.mean]).elements, names.mean)
                expectClose(
                    statistics.variances, try #require(step.running[names.variance]).elements,
                    names.variance)
                #expect(step.running[names.batches]?.elements == [Double(head.batchesTracked)])
            }
        }
    }

    /// The derivative of the SupCon loss that the reference used (temperature 0.1), by finite differences in `Double`.
    private func supervisedContrastiveGradient(_ outputs: NestedNumbers, labels: [Int]) -> Matrix {
        let (rows, columns) = (outputs.shape[0], outputs.shape[1])
        let point = (0..<rows).map { Array(outputs.elements[$0 * columns..<($0 + 1) * columns]) }
        let gradient = finiteDifferences(at: point) { SupervisedContrastiveLoss.value($0, labels) }
        return Matrix(rows: rows, columns: columns, elements: gradient.map(Float.init))
    }
}
