import GoldenData
import Tensors
import Testing

@testable import MetricLearning

@Suite("A projection head")
struct ProjectionHeadTests {
    @Test("has Finetuner's layers, in PyTorch's order")
    func layers() {
        let head = ProjectionHead(inputDimension: 6, outputDimension: 3, seed: 1)
        #expect(
            head.parameters.map { [$0.rows, $0.columns] } == [
                [6, 6], [1, 6], [1, 6], [6, 6], [1, 6], [1, 6], [3, 6], [1, 3], [1, 3],
            ])
        #expect(head.layerCount == 3)
    }

    @Test("starts as torch.nn.Linear and BatchNorm1d do")
    func initialization() {
        let head = ProjectionHead(inputDimension: 64, outputDimension: 32, seed: 9)
        for layer in 0..<3 {
            let weights = head.weight(layer).elements
            #expect(weights.allSatisfy { abs($0) <= 0.125 })  // 1 / sqrt(64)
            let variance = weights.reduce(0.0) { $0 + Double($1 * $1) } / Double(weights.count)
            #expect(abs(variance - 0.125 * 0.125 / 3) < 3e-4)  // that of the uniform distribution
            #expect(head.parameters[3 * layer + 1].elements.allSatisfy { $0 == 1 })
            #expect(head.parameters[3 * layer + 2].elements.allSatisfy { $0 == 0 })
            #expect(head.layers[layer].statistics == RunningStatistics(width: head.layers[layer].outputs))
        }
    }

    @Test("behind a shortcut begins as the shortcut alone, in training and at inference", arguments: HeadForms.all)
    func zeroStart(form: HeadArchitecture) {
        let shortcut = HeadForms.shortcut
        var head = ProjectionHead(
            inputDimension: 6, outputDimension: 4, architecture: form, shortcut: shortcut, seed: 2)
        let features = Matrix.random(9, 6, seed: 3)
        let expected = shortcut.projected(shortcut.centered(features))
        #expect(head.embeddings(of: features) == expected)
        #expect(head.withoutLayers.embeddings(of: features) == expected)
        var workspace = HeadWorkspace()
        #expect(head.forward(features, workspace: &workspace) == expected)
    }

    @Test("a shortcut centers unit features; zeros stay what they are")
    func centering() {
        let shortcut = Shortcut(
            mean: Matrix(rows: 1, columns: 2, elements: [0.5, 0.25]), projection: .random(3, 2, seed: 1),
            residualWeight: 1)
        let centered = shortcut.centered(Matrix(rows: 2, columns: 2, elements: [3, 4, 0, 0]))
        expectClose(centered.elements, [0.1, 0.55, -0.5, -0.25], absolute: 1e-6)
    }

    @Test("without layers and shortcut returns the features")
    func passingThrough() {
        let features = Matrix.random(4, 3, seed: 1)
        #expect(ProjectionHead(passingThrough: 3).embeddings(of: features) == features)
    }

    @Test("is the same for the same seed and another for another")
    func seeding() {
        func head(_ seed: UInt64) -> ProjectionHead {
            ProjectionHead(inputDimension: 5, outputDimension: 2, seed: seed)
        }
        #expect(head(3) == head(3))
        #expect(head(3) != head(4))
    }

    @Test("embeds many rows as it embeds each alone")
    func blocks() {
        var head = ProjectionHead(inputDimension: 4, outputDimension: 3, layerCount: 2, seed: 5)
        var workspace = HeadWorkspace()
        _ = head.forward(.random(16, 4, seed: 2), workspace: &workspace)  // gives running statistics of its own
        let features = Matrix.random(1500, 4, seed: 6)
        let whole = head.embeddings(of: features)
        #expect(whole.rows == 1500 && whole.columns == 3)
        for row in [0, 1023, 1024, 1499] {
            expectClose(whole.row(row), head.embeddings(of: features.rows(in: row..<row + 1)).row(0).map(Double.init))
        }
        #expect(head.embeddings(of: Matrix(rows: 0, columns: 4)) == Matrix(rows: 0, columns: 3))
    }

    @Test(
        "gives PyTorch's embeddings at inference",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)), arguments: [1, 2, 3])
    func inference(layers: Int) throws {
        let golden: ReferenceHead = try GoldenData.json("metric-learning/head\(layers).json")
        var head = try ProjectionHead(stateDictionary: golden.initial)
        var workspace = HeadWorkspace()
        for step in golden.steps { _ = head.forward(step.x.matrix, workspace: &workspace) }
        let embeddings = head.embeddings(of: golden.eval_x.matrix)
        expectClose(embeddings.elements, golden.eval_out.elements, "embeddings")
        expectClose(embeddings.normalizedRows().elements, golden.eval_out_l2.elements, "unit embeddings")
    }
}
