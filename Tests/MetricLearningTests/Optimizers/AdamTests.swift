import CKernels
import Foundation
import GoldenData
import Tensors
import Testing

@testable import MetricLearning

@Suite("Adam")
struct AdamTests {
    @Test("does what the paper's algorithm in Double does, on more elements than one piece")
    func twin() {
        let shape = (rows: 3, columns: 40_001)
        var parameters = [Matrix.random(shape.rows, shape.columns, seed: 1), Matrix.random(1, 7, seed: 2)]
        var expected = parameters.map { $0.elements.map(Double.init) }
        var (first, second) = (expected.map { $0.map { _ in 0.0 } }, expected.map { $0.map { _ in 0.0 } })
        var optimizer = Adam(learningRate: 0.02)
        for step in 1...4 {
            let gradients = [
                Matrix.random(shape.rows, shape.columns, seed: UInt64(10 + step)), .random(1, 7, seed: UInt64(step)),
            ]
            optimizer.step(&parameters, gradients: gradients)
            for (index, gradient) in gradients.enumerated() {
                for (place, value) in gradient.elements.enumerated() {
                    let slope = Double(value)
                    first[index][place] = 0.9 * first[index][place] + 0.1 * slope
                    second[index][place] = 0.999 * second[index][place] + 0.001 * slope * slope
                    let mean = first[index][place] / (1 - pow(0.9, Double(step)))
                    let root = (second[index][place] / (1 - pow(0.999, Double(step)))).squareRoot()
                    expected[index][place] -= 0.02 * mean / (root + 1e-8)
                }
            }
        }
        for index in parameters.indices { expectClose(parameters[index].elements, expected[index], absolute: 2e-6) }
    }

    @Test("goes on from a restored state as it would have without a stop")
    func resuming() throws {
        func gradients(_ step: Int) -> [Matrix] { [.random(2, 5, seed: UInt64(step))] }
        var parameters = [Matrix.random(2, 5, seed: 99)]
        var optimizer = Adam()
        for step in 0..<3 { optimizer.step(&parameters, gradients: gradients(step)) }
        var (resumedParameters, resumed) = (parameters, Adam())
        try resumed.restore(optimizer.state)
        optimizer.step(&parameters, gradients: gradients(3))
        resumed.step(&resumedParameters, gradients: gradients(3))
        #expect(parameters == resumedParameters)
        #expect(optimizer == resumed)
    }

    @Test("refuses the state of another optimizer")
    func foreignState() {
        var optimizer = Adam()
        let state = OptimizerState(steps: 3, slots: ["momentum_buffer": []])
        let error = #expect(throws: InputError.self) { try optimizer.restore(state) }
        #expect(error?.fact.contains("momentum_buffer") == true)
    }

    private struct Golden: Decodable {
        struct Case: Decodable {
            struct Effective: Decodable {
                let lr: Double?
                let betas: [Double]?
                let eps: Double?
                let weight_decay: Double?
                let amsgrad: Bool?
            }
            let optimizer: String
            let effective: Effective
            let params: [[Double]]
        }
        let p0: [Double]
        let grads: [[Double]]
        let cases: [Case]
    }

    @Test(
        "gives PyTorch's numbers", .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let golden: Golden = try GoldenData.json("metric-learning/optimizers.json")
        let cases = golden.cases.filter {
            $0.optimizer == "Adam" && $0.effective.amsgrad == false && $0.effective.weight_decay == 0
        }
        #expect(cases.count == 3)
        for item in cases {
            let betas = try #require(item.effective.betas)
            var optimizer = Adam(
                learningRate: try #require(item.effective.lr), beta1: betas[0], beta2: betas[1],
                epsilon: try #require(item.effective.eps))
            var parameters = [Matrix(rows: 1, columns: golden.p0.count, elements: golden.p0.map(Float.init))]
            for (gradient, expected) in zip(golden.grads, item.params) {
                optimizer.step(
                    &parameters,
                    gradients: [Matrix(rows: 1, columns: gradient.count, elements: gradient.map(Float.init))])
                expectClose(parameters[0].elements, expected, relative: 5e-6, absolute: 1e-6)
            }
        }
    }
}
