import GoldenData
import Tensors
import Testing

@testable import MetricLearning

@Suite(
    "Losses have pytorch-metric-learning's numbers",
    .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
struct LossReferenceTests {
    private struct Cases: Decodable {
        struct Case: Decodable {
            struct Weight: Decodable { let key: String }
            let loss_name: String
            let params: [String: ReferenceSetting]
            let input: String
            let miner: ReferenceComponent?
            let num_classes: Int?
            let weight: Weight?
            let loss: Double
            let grad: NestedNumbers
            let grad_weight: NestedNumbers?

            var description: ComponentDescription {
                ComponentDescription(loss_name, params.mapValues(\.argument))
            }
        }
        let cases: [Case]
        let weights: [String: NestedNumbers]?
    }

    private func batch(_ name: String) throws -> (embeddings: Matrix, labels: [Int]) {
        let inputs: ReferenceInputs = try GoldenData.json("metric-learning/inputs.json")
        let batch = try #require(inputs.inputs[name])
        return (batch.x.matrix, batch.y)
    }

    @Test("over pairs and triplets: value and gradient")
    func pairs() throws {
        let golden: Cases = try GoldenData.json("metric-learning/pair_losses.json")
        #expect(golden.cases.count == 46)
        for item in golden.cases {
            let (embeddings, labels) = try batch(item.input)
            var loss = try LossCatalog.loss(item.description, classes: 1, dimension: 1, seed: 0)
            let tuples = try item.miner.map {
                try MinerCatalog.miner($0.description).mine(embeddings: embeddings, labels: labels)
            }
            let found = loss.evaluate(embeddings: embeddings, labels: labels, tuples: tuples)
            expectClose([found.value], [item.loss], "\(item.description) on \(item.input)")
            expectClose(found.gradient.elements, item.grad.elements, "gradient of \(item.description) on \(item.input)")
        }
    }

    @Test("with weights of their own: value, gradient by embeddings and by weights")
    func proxies() throws {
        let golden: Cases = try GoldenData.json("metric-learning/proxy_losses.json")
        #expect(golden.cases.count == 21)
        for item in golden.cases {
            let (embeddings, labels) = try batch(item.input)
            var loss = try LossCatalog.loss(
                item.description, classes: try #require(item.num_classes), dimension: embeddings.columns, seed: 0)
            let key = try #require(item.weight).key
            let weights = try #require(golden.weights?[key]).matrix
            // Proxies are a row each in both; the others are columns there.
            let isRows = key == "PROX"
            loss.parameters = [isRows ? weights : weights.transposed]
            let tuples = try item.miner.map {
                try MinerCatalog.miner($0.description).mine(embeddings: embeddings, labels: labels)
            }
            let found = loss.evaluate(embeddings: embeddings, labels: labels, tuples: tuples)
            expectClose([found.value], [item.loss], "\(item.description) on \(item.input)")
            expectClose(found.gradient.elements, item.grad.elements, "gradient of \(item.description)")
            let byWeights = isRows ? found.parameterGradients[0] : found.parameterGradients[0].transposed
            expectClose(
                byWeights.elements, try #require(item.grad_weight).elements,
                "gradient by weights of \(item.description)")
        }
    }

    private struct Memories: Decodable {
        struct Case: Decodable {
            struct Step: Decodable {
                let x, grad: NestedNumbers
                let y: [Int]
                let loss: Double
            }
            let loss_name: String
            let params: [String: ReferenceSetting]
            let miner: ReferenceComponent?
            let memory_size: Double
            let steps: [Step]
            let final_labels: [Int]
        }
        let cases: [Case]
    }

    @Test("with a memory of earlier batches, step by step")
    func memories() throws {
        let golden: Memories = try GoldenData.json("metric-learning/xbm.json")
        #expect(golden.cases.count == 5)
        for item in golden.cases {
            var settings: [String: ComponentDescription.Argument] = [
                "loss": .component(ComponentDescription(item.loss_name, item.params.mapValues(\.argument))),
                "memory_size": .number(item.memory_size),
            ]
            settings["miner"] = item.miner.map { .component($0.description) }
            let description = ComponentDescription("CrossBatchMemory", settings)
            var loss = try LossCatalog.loss(description, classes: 1, dimension: 1, seed: 0)
            for (number, step) in item.steps.enumerated() {
                let found = loss.evaluate(embeddings: step.x.matrix, labels: step.y, tuples: nil)
                expectClose([found.value], [step.loss], "\(description), step \(number)")
                expectClose(found.gradient.elements, step.grad.elements, "gradient of \(description), step \(number)")
            }
            #expect(loss.memory?.labels == item.final_labels)
        }
    }

    private struct ScoredPairs: Decodable {
        let a, b, grad_a, grad_b: NestedNumbers
        let score: [Double]
        let loss: Double
    }

    @Test("over scored pairs")
    func scoredPairs() throws {
        let golden: ScoredPairs = try GoldenData.json("metric-learning/cosine_similarity_loss.json")
        let found = CosineSimilarityLoss().evaluate(
            first: golden.a.matrix, second: golden.b.matrix, scores: golden.score.map(Float.init))
        expectClose([found.value], [golden.loss], relative: 1e-5)
        expectClose(found.firstGradient.elements, golden.grad_a.elements, relative: 1e-5, absolute: 1e-6)
        expectClose(found.secondGradient.elements, golden.grad_b.elements, relative: 1e-5, absolute: 1e-6)
    }
}
