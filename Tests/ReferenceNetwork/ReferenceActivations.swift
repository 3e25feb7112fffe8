import Foundation
import ModelGraph

extension Activation {
    /// The value for `x`, in double precision.
    func reference(_ x: Double) -> Double {
        switch self {
        case .relu: max(x, 0)
        case .relu6: min(max(x, 0), 6)
        case .leakyRelu(let slope): x > 0 ? x : Double(slope) * x
        case .clip(let low, let high): min(max(x, Double(low)), Double(high))
        case .sigmoid: 1 / (1 + exp(-x))
        case .hardSigmoid(let slope, let offset): min(max(Double(slope) * x + Double(offset), 0), 1)
        case .hardSwish: x * min(max(x / 6 + 0.5, 0), 1)
        case .silu: x / (1 + exp(-x))
        case .tanh: Foundation.tanh(x)
        case .elu(let scale): x > 0 ? x : Double(scale) * expm1(x)
        case .gelu: x * (1 + erf(x / 2.0.squareRoot())) / 2
        }
    }
}
