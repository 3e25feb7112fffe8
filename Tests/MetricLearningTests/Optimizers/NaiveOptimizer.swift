import Foundation

@testable import MetricLearning

/// Optimizers element by element in `Double`, written from PyTorch's documentation: the twins of the fast ones.
struct NaiveOptimizer {
    /// What is remembered of one weight; each formula gives the places a meaning of its own.
    struct Memory { var a = 0.0, b = 0.0, c = 0.0 }

    let description: ComponentDescription
    let learningRate: Double
    private(set) var steps = 0
    private var memory: [Memory] = []
    private var momentumProduct = 1.0

    init(_ description: ComponentDescription, learningRate: Double) {
        (self.description, self.learningRate) = (description, learningRate)
    }

    /// The weights after one more step.
    mutating func step(_ weights: [Double], _ gradients: [Double]) -> [Double] {
        steps += 1
        let update = makeUpdate()
        if memory.isEmpty { memory = weights.map { _ in initialMemory } }
        var weights = weights
        for index in weights.indices { update(&weights[index], gradients[index], &memory[index]) }
        return weights
    }

    private typealias Update = (inout Double, Double, inout Memory) -> Void

    private func number(_ name: String, _ defaultValue: Double) -> Double {
        if case .number(let value) = description.arguments[name] { return value }
        return defaultValue
    }

    private func flag(_ name: String) -> Bool { description.arguments[name] == .flag(true) }

    private var initialMemory: Memory {
        switch description.name {
        case "Rprop": Memory(b: learningRate)
        case "Adagrad": Memory(a: number("initial_accumulator_value", 0))
        default: Memory()
        }
    }

    private mutating func makeUpdate() -> Update {
        switch description.name {
        case "SGD": sgd()
        case "ASGD": asgd()
        case "RMSprop": rmsprop()
        case "Adagrad": adagrad()
        case "Adadelta": adadelta()
        case "Adamax": adamax()
        case "Rprop": rprop()
        case "RAdam": radam()
        case "NAdam": nadam()
        case "AdamW": adam(decoupled: true, decay: 0.01)
        default: adam(decoupled: false, decay: 0)
        }
    }

    private func adam(decoupled: Bool, decay: Double) -> Update {
        let (rate, t, epsilon) = (learningRate, Double(steps), number("eps", 1e-8))
        let (beta1, beta2, decay) = (number("beta1", 0.9), number("beta2", 0.999), number("weight_decay", decay))
        let amsgrad = flag("amsgrad")
        return { w, gradient, memory in
            var g = gradient
            if decoupled { w -= rate * decay * w } else { g += decay * w }
            memory.a = beta1 * memory.a + (1 - beta1) * g
            memory.b = beta2 * memory.b + (1 - beta2) * g * g
            memory.c = max(memory.c, memory.b)
            let square = (amsgrad ? memory.c : memory.b) / (1 - pow(beta2, t))
            w -= rate * memory.a / (1 - pow(beta1, t)) / (square.squareRoot() + epsilon)
        }
    }

    private mutating func nadam() -> Update {
        let (rate, t, epsilon) = (learningRate, Double(steps), number("eps", 1e-8))
        let (beta1, beta2, decay) = (number("beta1", 0.9), number("beta2", 0.999), number("weight_decay", 0))
        let (psi, decoupled) = (number("momentum_decay", 4e-3), flag("decoupled_weight_decay"))
        let momentum = beta1 * (1 - 0.5 * pow(0.96, t * psi))
        let next = beta1 * (1 - 0.5 * pow(0.96, (t + 1) * psi))
        momentumProduct *= momentum
        let product = momentumProduct
        return { w, gradient, memory in
            var g = gradient
            if decoupled { w -= rate * decay * w } else { g += decay * w }
            memory.a = beta1 * memory.a + (1 - beta1) * g
            memory.b = beta2 * memory.b + (1 - beta2) * g * g
            let mean = next * memory.a / (1 - product * next) + (1 - momentum) * g / (1 - product)
            w -= rate * mean / ((memory.b / (1 - pow(beta2, t))).squareRoot() + epsilon)
        }
    }

    private func radam() -> Update {
        let (rate, t, epsilon) = (learningRate, Double(steps), number("eps", 1e-8))
        let (beta1, beta2, decay) = (number("beta1", 0.9), number("beta2", 0.999), number("weight_decay", 0))
        let decoupled = flag("decoupled_weight_decay")
        let longest = 2 / (1 - beta2) - 1
        let length = longest - 2 * t * pow(beta2, t) / (1 - pow(beta2, t))
        return { w, gradient, memory in
            var g = gradient
            if decoupled { w -= rate * decay * w } else { g += decay * w }
            memory.a = beta1 * memory.a + (1 - beta1) * g
            memory.b = beta2 * memory.b + (1 - beta2) * g * g
            let mean = memory.a / (1 - pow(beta1, t))
            guard length > 5 else {
                w -= rate * mean
                return
            }
            let square = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
            let factor = square.squareRoot() * (1 - pow(beta2, t)).squareRoot()
            w -= rate * mean * factor / (memory.b.squareRoot() + epsilon)
        }
    }

    private func adamax() -> Update {
        let (rate, t, epsilon) = (learningRate, Double(steps), number("eps", 1e-8))
        let (beta1, beta2, decay) = (number("beta1", 0.9), number("beta2", 0.999), number("weight_decay", 0))
        return { w, gradient, memory in
            let g = gradient + decay * w
            memory.a = beta1 * memory.a + (1 - beta1) * g
            memory.b = max(beta2 * memory.b, abs(g) + epsilon)
            w -= rate / (1 - pow(beta1, t)) * memory.a / memory.b
        }
    }

    private func sgd() -> Update {
        let (rate, isFirst, decay) = (learningRate, steps == 1, number("weight_decay", 0))
        let (momentum, dampening, nesterov) = (number("momentum", 0), number("dampening", 0), flag("nesterov"))
        return { w, gradient, memory in
            let g = gradient + decay * w
            memory.a = isFirst ? g : momentum * memory.a + (1 - dampening) * g
            w -= rate * (momentum == 0 ? g : nesterov ? g + momentum * memory.a : memory.a)
        }
    }

    private func asgd() -> Update {
        let (made, lambd, decay) = (Double(steps - 1), number("lambd", 1e-4), number("weight_decay", 0))
        let eta = learningRate / pow(1 + lambd * learningRate * made, number("alpha", 0.75))
        let mu = 1 / max(1, made - number("t0", 1e6))
        return { w, gradient, memory in
            let g = gradient + decay * w
            w -= lambd * eta * w
            w -= eta * g
            memory.a += mu * (w - memory.a)
        }
    }

    private func rmsprop() -> Update {
        let (rate, alpha, epsilon) = (learningRate, number("alpha", 0.99), number("eps", 1e-8))
        let (momentum, decay, centered) = (number("momentum", 0), number("weight_decay", 0), flag("centered"))
        return { w, gradient, memory in
            let g = gradient + decay * w
            memory.a = alpha * memory.a + (1 - alpha) * g * g
            memory.b = alpha * memory.b + (1 - alpha) * g
            let square = centered ? memory.a - memory.b * memory.b : memory.a
            memory.c = momentum * memory.c + g / (square.squareRoot() + epsilon)
            w -= rate * memory.c
        }
    }

    private func adagrad() -> Update {
        let rate = learningRate / (1 + Double(steps - 1) * number("lr_decay", 0))
        let (epsilon, decay) = (number("eps", 1e-10), number("weight_decay", 0))
        return { w, gradient, memory in
            let g = gradient + decay * w
            memory.a += g * g
            w -= rate * g / (memory.a.squareRoot() + epsilon)
        }
    }

    private func adadelta() -> Update {
        let (rate, rho, epsilon) = (learningRate, number("rho", 0.9), number("eps", 1e-6))
        let decay = number("weight_decay", 0)
        return { w, gradient, memory in
            let g = gradient + decay * w
            memory.a = rho * memory.a + (1 - rho) * g * g
            let delta = (memory.b + epsilon).squareRoot() / (memory.a + epsilon).squareRoot() * g
            memory.b = rho * memory.b + (1 - rho) * delta * delta
            w -= rate * delta
        }
    }

    private func rprop() -> Update {
        let (minus, plus) = (number("etaminus", 0.5), number("etaplus", 1.2))
        let bounds = (number("step_size_min", 1e-6), number("step_size_max", 50))
        return { w, gradient, memory in
            let agreement = gradient * memory.a
            let factor = agreement > 0 ? plus : agreement < 0 ? minus : 1
            memory.b = min(max(memory.b * factor, bounds.0), bounds.1)
            memory.a = agreement < 0 ? 0 : gradient
            if memory.a != 0 { w -= memory.a > 0 ? memory.b : -memory.b }
        }
    }
}
