import CKernels
public import Tensors

/// Adam with the infinity norm (Kingma and Ba 2015, algorithm 2), with the defaults and numbers of `torch.optim.Adamax`.
public struct Adamax: Optimizer, Hashable {
    static let name = "Adamax"

    /// The step size.
    public var learningRate: Double
    /// The decay of the average gradient, from 0 to below 1.
    public let beta1: Double
    /// The decay of the largest gradient, from 0 to below 1.
    public let beta2: Double
    /// Added to the size of a gradient before it is compared.
    public let epsilon: Double
    /// The L2 penalty: this share of the weights is added to the gradient.
    public let weightDecay: Double
    /// The average and the norm, under PyTorch's names `exp_avg` and `exp_inf`.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(
        learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        state = OptimizerState(of: Self.name, remembering: [.gradientAverage, .norm])
    }

    /// Takes over the state of another Adamax. Throws `InputError` where it is another optimizer's.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        let step = state.beginStep(parameters, gradients)
        let settings = ftc_adamax_settings(
            size: Float(learningRate / BiasCorrection(beta1, beta2, step: step).first), beta1: Float(beta1),
            beta2: Float(beta2), epsilon: Float(epsilon), decay: Float(weightDecay))
        state.forEachPiece(of: &parameters, &gradients) { piece in
            ftc_adamax(
                piece.weights, piece.gradients, piece[.gradientAverage], piece[.norm], piece.count, settings)
        }
    }
}

extension Adamax {
    static let entry = OptimizerCatalog.Entry(
        name, "steps along the average gradient over the largest, which decays", Adamax(),
        settings: ["beta1", "beta2", "eps", "weight_decay"]
    ) { standard, settings in
        Adamax(
            beta1: try settings.decayRate("beta1", standard.beta1),
            beta2: try settings.decayRate("beta2", standard.beta2),
            epsilon: try settings.amount("eps", standard.epsilon),
            weightDecay: try settings.amount("weight_decay", standard.weightDecay))
    }
}
