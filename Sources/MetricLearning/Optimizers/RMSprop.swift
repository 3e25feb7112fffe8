import CKernels
public import Tensors

/// RMSprop (Hinton 2012, lecture 6e; centered as in Graves 2013), with the defaults and numbers of `torch.optim.RMSprop`.
public struct RMSprop: Optimizer, Hashable {
    static let name = "RMSprop"

    /// The step size.
    public var learningRate: Double
    /// The decay of the average squared gradient, from 0 to below 1.
    public let alpha: Double
    /// Added to the root of the average squared gradient.
    public let epsilon: Double
    /// The L2 penalty: this share of the weights is added to the gradient.
    public let weightDecay: Double
    /// The share of the last step's direction that is kept; 0 for none.
    public let momentum: Double
    /// Whether the gradient's variance takes the place of its square.
    public let centered: Bool
    /// The averages, under PyTorch's names `square_avg`, `grad_avg` where centered and `momentum_buffer` with momentum.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(
        learningRate: Double = 1e-2, alpha: Double = 0.99, epsilon: Double = 1e-8, weightDecay: Double = 0,
        momentum: Double = 0, centered: Bool = false
    ) {
        self.learningRate = learningRate
        self.alpha = alpha
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.momentum = momentum
        self.centered = centered
        state = OptimizerState(
            of: Self.name,
            remembering: [.meanSquare] + (centered ? [.meanGradient] : []) + (momentum > 0 ? [.momentum] : []))
    }

    /// Takes over the state of another RMSprop. Throws `InputError` where it is another optimizer's, or of an RMSprop that
    /// remembers other averages.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        _ = state.beginStep(parameters, gradients)
        let settings = ftc_rmsprop_settings(
            rate: Float(learningRate), alpha: Float(alpha), epsilon: Float(epsilon), decay: Float(weightDecay),
            momentum: Float(momentum))
        state.forEachPiece(of: &parameters, &gradients) { piece in
            ftc_rmsprop(
                piece.weights, piece.gradients, piece[.meanSquare], piece[.meanGradient], piece[.momentum],
                piece.count, settings)
        }
    }
}

extension RMSprop {
    static let entry = OptimizerCatalog.Entry(
        name, "steps along the gradient over its root mean square", RMSprop(),
        settings: ["alpha", "centered", "eps", "momentum", "weight_decay"]
    ) { standard, settings in
        RMSprop(
            alpha: try settings.decayRate("alpha", standard.alpha),
            epsilon: try settings.amount("eps", standard.epsilon),
            weightDecay: try settings.amount("weight_decay", standard.weightDecay),
            momentum: try settings.amount("momentum", standard.momentum),
            centered: try settings.flag("centered", standard.centered))
    }
}
