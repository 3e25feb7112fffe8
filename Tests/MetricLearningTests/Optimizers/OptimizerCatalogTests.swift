import Tensors
import Testing

@testable import MetricLearning

@Suite("The optimizer catalog")
struct OptimizerCatalogTests {
    @Test("makes each optimizer by its name with PyTorch's learning rate, or with another")
    func entries() throws {
        let rates = [
            "Adam": 1e-3, "AdamW": 1e-3, "SGD": 1e-3, "RMSprop": 1e-2, "NAdam": 2e-3, "RAdam": 1e-3, "Adamax": 2e-3,
            "Adagrad": 1e-2, "Adadelta": 1, "ASGD": 1e-2, "Rprop": 1e-2,
        ]
        #expect(Set(OptimizerCatalog.entries.map(\.name)) == Set(rates.keys))
        #expect(OptimizerCatalog.entries.count == rates.count)
        for entry in OptimizerCatalog.entries {
            #expect(entry.learningRate == rates[entry.name] && !entry.summary.isEmpty)
            let description = ComponentDescription(entry.name)
            let optimizer = try OptimizerCatalog.optimizer(description)
            #expect("\(type(of: optimizer))" == entry.name && optimizer.state.optimizer == entry.name)
            #expect(optimizer.learningRate == entry.learningRate)
            #expect(try OptimizerCatalog.optimizer(description, learningRate: 0.25).learningRate == 0.25)
        }
    }

    @Test("reads every setting that it lists")
    func settings() throws {
        for entry in OptimizerCatalog.entries {
            for name in entry.settings {
                // Neither number nor flag, so that a setting that is read is refused.
                let description = ComponentDescription(entry.name, [name: .component(ComponentDescription("word"))])
                let error = #expect(throws: InputError.self) { try OptimizerCatalog.optimizer(description) }
                #expect(error?.object == "\(entry.name)(\(name)=word)")
            }
        }
    }

    @Test("gives settings to the optimizer")
    func values() throws {
        func made<Kind: Optimizer>(_ text: String, as kind: Kind.Type) throws -> Kind {
            try #require(OptimizerCatalog.optimizer(ComponentDescription(parsing: text)) as? Kind)
        }
        #expect(
            try made("Adam(beta1=0.8, beta2=0.7, eps=1e-3, weight_decay=0.5, amsgrad=true)", as: Adam.self)
                == Adam(beta1: 0.8, beta2: 0.7, epsilon: 1e-3, weightDecay: 0.5, amsgrad: true))
        #expect(
            try made("SGD(momentum=0.9, nesterov=true)", as: SGD.self) == SGD(momentum: 0.9, nesterov: true))
        #expect(
            try made("Rprop(etaminus=0.1, step_size_max=2)", as: Rprop.self)
                == Rprop(etaMinus: 0.1, stepSizes: 1e-6...2))
    }

    @Test(
        "refuses what it cannot make",
        arguments: [
            "adam", "LBFGS", "Adam(lr=0.1)", "Adam(beta1=1)", "Adam(beta2=-0.1)", "Adam(eps=-1)", "Adam(amsgrad=1)",
            "AdamW(weight_decay=-0.1)", "SGD(nesterov=true)", "SGD(momentum=0.9, dampening=0.1, nesterov=true)",
            "SGD(momentum=-1)", "RMSprop(alpha=1)", "RMSprop(centered=0)", "Adadelta(rho=1.5)", "Rprop(etaplus=0.9)",
            "Rprop(etaminus=1)", "Rprop(step_size_min=60)", "Adagrad(lr_decay=-1)", "NAdam(momentum_decay=x)",
        ])
    func refusals(text: String) throws {
        let description = try ComponentDescription(parsing: text)
        let error = #expect(throws: InputError.self) { try OptimizerCatalog.optimizer(description) }
        #expect(error?.remedy.isEmpty == false)
    }

    @Test("names the known optimizers where one is unknown, and refuses learning rates that are none")
    func messages() throws {
        let error = #expect(throws: InputError.self) { try OptimizerCatalog.entry(named: "Lion") }
        #expect(error?.remedy.contains("Adam, AdamW, SGD") == true)
        for rate in [-0.1, .nan, .infinity] {
            #expect(throws: InputError.self) {
                try OptimizerCatalog.optimizer(ComponentDescription("Adam"), learningRate: rate)
            }
        }
        #expect(try OptimizerCatalog.optimizer(ComponentDescription("Adam"), learningRate: 0).learningRate == 0)
    }
}
