/// An element-wise function.
public enum Activation: Sendable, Hashable {
    /// max(x, 0)
    case relu
    /// min(max(x, 0), 6)
    case relu6
    /// x above zero, slope * x below (Maas, Hannun and Ng 2013).
    case leakyRelu(slope: Float)
    /// min(max(x, low), high)
    case clip(low: Float, high: Float)
    /// 1 / (1 + exp(-x))
    case sigmoid
    /// min(max(slope * x + offset, 0), 1); ONNX has 0.2 and 0.5, torch 1/6 and 0.5.
    case hardSigmoid(slope: Float, offset: Float)
    /// x * min(max(x / 6 + 0.5, 0), 1) (Howard et al. 2019).
    case hardSwish
    /// x * sigmoid(x), also called Swish (Elfwing, Uchibe and Doya 2018; Ramachandran, Zoph and Le 2017).
    case silu
    /// tanh(x)
    case tanh
    /// x above zero, scale * (exp(x) - 1) below (Clevert, Unterthiner and Hochreiter 2016).
    case elu(scale: Float)
    /// x * (1 + erf(x / sqrt(2))) / 2 (Hendrycks and Gimpel 2016).
    case gelu

    /// What torch.nn calls a layer of this kind.
    public var typeName: String {
        switch self {
        case .relu: "ReLU"
        case .relu6: "ReLU6"
        case .leakyRelu: "LeakyReLU"
        case .clip: "Hardtanh"
        case .sigmoid: "Sigmoid"
        case .hardSigmoid: "Hardsigmoid"
        case .hardSwish: "Hardswish"
        case .silu: "SiLU"
        case .tanh: "Tanh"
        case .elu: "ELU"
        case .gelu: "GELU"
        }
    }

    /// Everything that decides its numbers, as words.
    var structure: [String] {
        switch self {
        case .relu: ["relu"]
        case .relu6: ["relu6"]
        case .leakyRelu(let slope): ["leaky relu", "slope \(slope)"]
        case .clip(let low, let high): ["clip", "\(low) to \(high)"]
        case .sigmoid: ["sigmoid"]
        case .hardSigmoid(let slope, let offset): ["hard sigmoid", "slope \(slope)", "offset \(offset)"]
        case .hardSwish: ["hard swish"]
        case .silu: ["silu"]
        case .tanh: ["tanh"]
        case .elu(let scale): ["elu", "scale \(scale)"]
        case .gelu: ["gelu"]
        }
    }
}
