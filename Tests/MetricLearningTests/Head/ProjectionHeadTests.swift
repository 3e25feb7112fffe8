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
            #expect(head.scale(layer).elements.allSatisfy { $0 == 1 })
            #expect(head.shift(layer).elements.allSatisfy { $0 == 0 })
            #expect(head.statistics[layer] == RunningStatistics(width: head.scale(layer).columns))
        }
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
