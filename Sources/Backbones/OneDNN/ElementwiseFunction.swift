import COneDNN
import ModelGraph

/// One of oneDNN's element-wise functions with its parameters.
struct ElementwiseFunction {
    let algorithm: dnnl_alg_kind_t
    var alpha: Float = 0
    var beta: Float = 0
}

extension Activation {
    /// The functions that give `factor` times the activation one after the other.
    func functions(times factor: Float) -> [ElementwiseFunction] {
        guard factor != 1 else { return functions }
        // Two linear functions among the post-operations of one convolution give wrong numbers in oneDNN 2.6.3.
        if case .hardSigmoid(let slope, let offset) = self {
            return [
                ElementwiseFunction(algorithm: dnnl_eltwise_linear, alpha: slope * factor, beta: offset * factor),
                ElementwiseFunction(algorithm: dnnl_eltwise_clip, alpha: 0, beta: factor),
            ]
        }
        return functions + [ElementwiseFunction(algorithm: dnnl_eltwise_linear, alpha: factor)]
    }

    /// The functions of oneDNN that give the activation one after the other.
    var functions: [ElementwiseFunction] {
        switch self {
        case .relu: [ElementwiseFunction(algorithm: dnnl_eltwise_relu)]
        case .relu6: [ElementwiseFunction(algorithm: dnnl_eltwise_bounded_relu, alpha: 6)]
        case .leakyRelu(let slope): [ElementwiseFunction(algorithm: dnnl_eltwise_relu, alpha: slope)]
        case .clip(let low, let high): [ElementwiseFunction(algorithm: dnnl_eltwise_clip, alpha: low, beta: high)]
        case .sigmoid: [ElementwiseFunction(algorithm: dnnl_eltwise_logistic)]
        case .hardSigmoid(let slope, let offset):
            [
                ElementwiseFunction(algorithm: dnnl_eltwise_linear, alpha: slope, beta: offset),
                ElementwiseFunction(algorithm: dnnl_eltwise_clip, alpha: 0, beta: 1),
            ]
        case .hardSwish: [ElementwiseFunction(algorithm: dnnl_eltwise_hardswish)]
        case .silu: [ElementwiseFunction(algorithm: dnnl_eltwise_swish, alpha: 1)]
        case .tanh: [ElementwiseFunction(algorithm: dnnl_eltwise_tanh)]
        case .elu(let scale): [ElementwiseFunction(algorithm: dnnl_eltwise_elu, alpha: scale)]
        case .gelu: [ElementwiseFunction(algorithm: dnnl_eltwise_gelu_erf)]
        }
    }
}
