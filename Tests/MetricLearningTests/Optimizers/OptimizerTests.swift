import Tensors
import Testing

@testable import MetricLearning

@Suite("Optimizers")
struct OptimizerTests {
    static let variants = [
        "Adam", "Adam(amsgrad=true, beta2=0.5)", "Adam(beta1=0.8, beta2=0.95, eps=1e-6, weight_decay=0.1)", "AdamW",
        "AdamW(amsgrad=true, beta2=0.5, weight_decay=0.3)", "SGD", "SGD(momentum=0.9)",
        "SGD(momentum=0.9, nesterov=true, weight_decay=0.01)", "SGD(dampening=0.3, momentum=0.8)", "RMSprop",
        "RMSprop(momentum=0.9, weight_decay=0.01)", "RMSprop(centered=true, alpha=0.9)",
        "RMSprop(centered=true, momentum=0.5)", "NAdam", "NAdam(momentum_decay=0.1, weight_decay=0.1)",
        "NAdam(decoupled_weight_decay=true, weight_decay=0.1)", "RAdam", "RAdam(beta2=0.9, weight_decay=0.1)",
        "RAdam(decoupled_weight_decay=true, weight_decay=0.1)", "Adamax", "Adamax(beta2=0.5, weight_decay=0.1)",
        "Adagrad", "Adagrad(initial_accumulator_value=0.3, lr_decay=0.1, weight_decay=0.1)", "Adadelta",
        "Adadelta(rho=0.7, weight_decay=0.1)", "ASGD", "ASGD(alpha=0.5, lambd=0.3, t0=2, weight_decay=0.1)", "Rprop",
        "Rprop(etaminus=0.3, etaplus=1.5, step_size_max=0.05, step_size_min=0.02)",
    ]

    private func optimizer(_ text: String, learningRate: Double? = nil) throws -> any Optimizer {
        try OptimizerCatalog.optimizer(ComponentDescription(parsing: text), learningRate: learningRate)
    }

    /// Makes `steps` steps along random gradients and compares with the twin after each.
    private func compare(_ text: String, columns: Int, steps: Int) throws {
        var optimizer = try optimizer(text, learningRate: 0.02)
        let shapes = [(rows: 1, columns: columns), (rows: 2, columns: 3)]
        var parameters = shapes.enumerated().map { Matrix.random($1.rows, $1.columns, seed: UInt64(90 + $0)) }
        var expected = parameters.map { $0.elements.map(Double.init) }
        let description = try ComponentDescription(parsing: text)
        var naive = shapes.map { _ in NaiveOptimizer(description, learningRate: 0.02) }
        for step in 0..<steps {
            let gradients = shapes.enumerated().map {
                Matrix.random($1.rows, $1.columns, seed: UInt64(2 * step + $0))
            }
            optimizer.step(&parameters, gradients: gradients)
            for index in parameters.indices {
                expected[index] = naive[index].step(expected[index], gradients[index].elements.map(Double.init))
                expectClose(
                    parameters[index].elements, expected[index], relative: 0, absolute: 2e-6,
                    "parameter \(index) after step \(step + 1)")
            }
        }
    }

    @Test("do over many steps what plain formulas in Double do", arguments: variants)
    func steps(text: String) throws { try compare(text, columns: 45, steps: 12) }

    @Test("do the same on more elements than one piece", arguments: variants)
    func pieces(text: String) throws { try compare(text, columns: 66_007, steps: 2) }

    private var parameters: [Matrix] {
        [.random(2, 5, seed: 99), .random(1, 3, seed: 98), Matrix(rows: 0, columns: 4)]
    }

    /// Makes steps along gradients that follow from the steps' numbers.
    private func advance(_ optimizer: inout any Optimizer, _ parameters: inout [Matrix], steps: Range<Int>) {
        for step in steps {
            let gradients = [
                Matrix.random(2, 5, seed: UInt64(step)), .random(1, 3, seed: UInt64(50 + step)),
                Matrix(rows: 0, columns: 4),
            ]
            optimizer.step(&parameters, gradients: gradients)
        }
    }

    @Test("go on from a restored state, and from a copy, as they would have without a stop", arguments: variants)
    func resuming(text: String) throws {
        for stop in [0, 1, 7] {
            var (optimizer, parameters) = (try optimizer(text), parameters)
            advance(&optimizer, &parameters, steps: 0..<stop)
            var (resumed, resumedParameters) = (try self.optimizer(text), parameters)
            try resumed.restore(optimizer.state)
            var (copy, copyParameters) = (optimizer, parameters)
            advance(&optimizer, &parameters, steps: stop..<stop + 3)
            advance(&resumed, &resumedParameters, steps: stop..<stop + 3)
            advance(&copy, &copyParameters, steps: stop..<stop + 3)
            #expect(parameters == resumedParameters && parameters == copyParameters)
            #expect(optimizer.state == resumed.state && optimizer.state == copy.state)
            #expect(optimizer.state.steps == stop + 3)
        }
    }

    @Test("refuse the state of another optimizer, and stay as they are", arguments: variants)
    func foreignState(text: String) throws {
        for other in Self.variants {
            var (foreign, parameters) = (try optimizer(other), parameters)
            advance(&foreign, &parameters, steps: 0..<1)
            var optimizer = try optimizer(text)
            let (before, state) = (optimizer.state, foreign.state)
            if before.optimizer == state.optimizer, before.slots.keys == state.slots.keys {
                try optimizer.restore(state)
                #expect(optimizer.state == state)
            } else {
                let error = #expect(throws: InputError.self) { try optimizer.restore(state) }
                #expect(error?.fact.hasPrefix("of \(state.optimizer ?? "?") after 1 steps holds") == true)
                #expect(error?.fact.hasSuffix("not a state of \(before.optimizer ?? "?")") == true)
                #expect(optimizer.state == before)
            }
        }
    }

    @Test("take a state without a name by its slots, and refuse one that contradicts itself")
    func unnamedState() throws {
        var (optimizer, resumed, parameters) = (try optimizer("Adam"), Adam(), parameters)
        advance(&optimizer, &parameters, steps: 0..<2)
        let whole = optimizer.state
        try resumed.restore(OptimizerState(steps: whole.steps, slots: whole.slots))
        #expect(resumed.state == whole)

        var (negative, short, lacking) = (whole, whole, whole)
        negative.steps = -1
        short.slots["exp_avg"]?.removeLast()
        lacking.slots["exp_avg"] = nil
        for broken in [negative, short, lacking] {
            let error = #expect(throws: InputError.self) { try resumed.restore(broken) }
            #expect(error?.fact.contains("exp_avg_sq, which is not a state of Adam") == true)
        }
        #expect(resumed.state == whole)
    }

    @Test("leave weights alone where gradients are 0, but for decay", arguments: variants)
    func zeroGradients(text: String) throws {
        var (optimizer, parameters) = (try optimizer(text, learningRate: 0.01), parameters)
        let before = parameters
        let zeros = before.map { Matrix(rows: $0.rows, columns: $0.columns) }
        let decays = text.contains("weight_decay=0.") || text.hasPrefix("AdamW") || text.hasPrefix("ASGD")
        optimizer.step(&parameters, gradients: zeros)
        for (old, new) in zip(before.flatMap(\.elements), parameters.flatMap(\.elements)) where decays {
            #expect(abs(new) < abs(old))
        }
        for _ in 0..<7 { optimizer.step(&parameters, gradients: zeros) }
        #expect(parameters.flatMap(\.elements).allSatisfy { $0.isFinite })
        if !decays { #expect(parameters == before) }
    }

    @Test("take the learning rate that a schedule sets between steps")
    func changingRate() {
        var (optimizer, parameters) = (SGD(learningRate: 1), [Matrix(rows: 1, columns: 1)])
        let gradients = [Matrix(rows: 1, columns: 1, repeating: 1)]
        for rate in [0.5, 0, 0.25] {
            optimizer.learningRate = rate
            optimizer.step(&parameters, gradients: gradients)
        }
        #expect(parameters[0].elements == [-0.75])
    }

    @Test("an ASGD remembers the weights, and later the mean of those since averaging began")
    func averagedWeights() throws {
        var (optimizer, parameters) = (try optimizer("ASGD(t0=2)", learningRate: 0.1), parameters)
        var since: [[Float]] = []
        for step in 0..<7 {
            advance(&optimizer, &parameters, steps: step..<step + 1)
            // Up to step 3 the average is the weights themselves.
            since = step <= 3 ? [parameters[0].elements] : since + [parameters[0].elements]
            let mean = parameters[0].elements.indices.map { place in
                since.reduce(0.0) { $0 + Double($1[place]) } / Double(since.count)
            }
            let average = try #require(optimizer.state.slots["ax"])[0]
            expectClose(average.elements, mean, relative: 1e-6, absolute: 1e-7, "step \(step)")
        }
    }

    @Test("a centered RMSprop stays finite where gradients never change and rounding makes the variance negative")
    func centeredVariance() {
        var (optimizer, parameters) = (RMSprop(alpha: 0.5, centered: true), [Matrix(rows: 1, columns: 64)])
        let gradients = [Matrix.random(1, 64, seed: 5)]
        for _ in 0..<60 { optimizer.step(&parameters, gradients: gradients) }
        #expect(parameters[0].elements.allSatisfy { $0.isFinite })
    }
}
