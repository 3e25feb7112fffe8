extension ONNXModelWriter {
    /// Adds an activation; returns the name of its result.
    mutating func append(_ activation: Activation, _ value: String, _ name: String) -> String {
        switch activation {
        case .relu: return node("Relu", [value], named: name)
        case .relu6: return clipped(value, 0, 6, name)
        case .clip(let low, let high): return clipped(value, low, high, name)
        case .leakyRelu(let slope): return node("LeakyRelu", [value], [.float("alpha", slope)], named: name)
        case .sigmoid: return node("Sigmoid", [value], named: name)
        case .hardSigmoid(let slope, let offset):
            return node("HardSigmoid", [value], [.float("alpha", slope), .float("beta", offset)], named: name)
        case .hardSwish: return node("HardSwish", [value], named: name)
        case .silu:
            return node("Mul", [value, node("Sigmoid", [value], named: "\(name).sigmoid")], named: name)
        case .tanh: return node("Tanh", [value], named: name)
        case .elu(let scale): return node("Elu", [value], [.float("alpha", scale)], named: name)
        case .gelu: return gelu(value, name)
        }
    }

    private mutating func clipped(_ value: String, _ low: Float, _ high: Float, _ name: String) -> String {
        let bounds = [constant([], [low], named: "\(name).low"), constant([], [high], named: "\(name).high")]
        return node("Clip", [value] + bounds, named: name)
    }

    /// x * (1 + erf(x / sqrt(2))) / 2, for which opset 17 has no operator of its own.
    private mutating func gelu(_ value: String, _ name: String) -> String {
        let root = constant([], [Float(0.5).squareRoot()], named: "\(name).root")
        let (one, half) = (constant([], [1], named: "\(name).one"), constant([], [0.5], named: "\(name).half"))
        let scaled = node("Mul", [value, root], named: "\(name).scaled")
        let error = node("Erf", [scaled], named: "\(name).erf")
        let sum = node("Add", [error, one], named: "\(name).sum")
        let product = node("Mul", [value, sum], named: "\(name).product")
        return node("Mul", [product, half], named: name)
    }
}
