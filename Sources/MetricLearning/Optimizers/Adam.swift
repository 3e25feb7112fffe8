public import Tensors

/// Adam (Kingma and Ba 2015, algorithm 1), with the defaults and numbers of `torch.optim.Adam`.
public struct Adam: Optimizer, Hashable {
    static let name = "Adam"

    /// The step size.
    public var learningRate: Double
    /// The decay of the average gradient, from 0 to below 1.
    public let beta1: Double
    /// The decay of the average squared gradient, from 0 to below 1.
    public let beta2: Double
    /// Added to the root of the average squared gradient.
    public let epsilon: Double
    /// The L2 penalty: this share of the weights is added to the gradient.
    public let weightDecay: Double
    /// Whether the largest average squared gradient so far takes the place of the average (Reddi et al. 2018).
    public let amsgrad: Bool
    /// The moments, under PyTorch's names `exp_avg`, `exp_avg_sq` and, with AMSGrad, `max_exp_avg_sq`.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, amsgrad: Bool = false
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.amsgrad = amsgrad
        state = OptimizerState(ofAdam: Self.name, amsgrad: amsgrad)
    }

    /// Takes over the state of another Adam. Throws `InputError` where it has other slots than Adam's.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        state.takeAdamStep(
            &parameters, &gradients, learningRate: learningRate, beta1: beta1, beta2: beta2, epsilon: epsilon,
            WeightDecay(weightDecay, isDecoupled: false, learningRate: learningRate))
    }
}

extension Adam {
    static let entry = OptimizerCatalog.Entry(
        name, "steps along the average gradient over its root mean square", Adam(),
        settings: ["amsgrad", "beta1", "beta2", "eps", "weight_decay"]
    ) { standard, settings in
        Adam(
            beta1: try settings.decayRate("beta1", standard.beta1),
            beta2: try settings.decayRate("beta2", standard.beta2),
            epsilon: try settings.amount("eps", standard.epsilon),
            weightDecay: try settings.amount("weight_decay", standard.weightDecay),
            amsgrad: try settings.flag("amsgrad", standard.amsgrad))
    }
}
