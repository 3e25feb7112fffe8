import GoldenData
import Tensors
import Testing

@testable import MetricLearning

@Suite("Optimizers against PyTorch")
struct OptimizerReferenceTests {
    /// The value of an option in PyTorch: a number, a flag, or the two betas.
    private enum Option: Decodable {
        case argument(ComponentDescription.Argument)
        case betas(Double, Double)

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let flag = try? container.decode(Bool.self) {
                self = .argument(.flag(flag))
            } else if let number = try? container.decode(Double.self) {
                self = .argument(.number(number))
            } else {
                let betas = try container.decode([Double].self)
                self = .betas(betas[0], betas[1])
            }
        }
    }

    private struct Golden: Decodable {
        struct Effective: Decodable { let lr: Double }
        struct Case: Decodable {
            let optimizer: String
            let options: [String: Option]
            let effective: Effective
            let params: [[Double]]
        }
        let p0: [Double]
        let grads: [[Double]]
        let cases: [Case]
    }

    /// The optimizer with the options of a case; its other settings are our defaults.
    private func optimizer(_ item: Golden.Case) throws -> any Optimizer {
        var (arguments, rate) = ([String: ComponentDescription.Argument](), Double?.none)
        for (name, option) in item.options {
            switch option {
            case .argument(.number(let number)) where name == "lr": rate = number
            case .argument(let argument): arguments[name] = argument
            case .betas(let first, let second):
                (arguments["beta1"], arguments["beta2"]) = (.number(first), .number(second))
            }
        }
        return try OptimizerCatalog.optimizer(ComponentDescription(item.optimizer, arguments), learningRate: rate)
    }

    @Test(
        "give the same parameters in every reference case, with the same defaults",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let golden: Golden = try GoldenData.json("metric-learning/optimizers.json")
        #expect(golden.cases.count == 35)
        func row(_ values: [Double]) -> Matrix {
            Matrix(rows: 1, columns: values.count, elements: values.map(Float.init))
        }
        for item in golden.cases {
            var (optimizer, parameters) = (try optimizer(item), [row(golden.p0)])
            #expect(optimizer.learningRate == item.effective.lr)
            for (gradient, expected) in zip(golden.grads, item.params) {
                optimizer.step(&parameters, gradients: [row(gradient)])
                expectClose(
                    parameters[0].elements, expected, relative: 1e-6, absolute: 1e-6,
                    "\(item.optimizer) \(item.options)")
            }
        }
    }
}
