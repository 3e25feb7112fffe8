import CKernels
public import Tensors

/// Stochastic gradient descent, with momentum if wanted (Sutskever et al. 2013), with the defaults and numbers of
/// `torch.optim.SGD`.
public struct SGD: Optimizer, Hashable {
    static let name = "SGD"

    /// The step size.
    public var learningRate: Double
    /// The share of the last step's direction that is kept; 0 for none.
    public let momentum: Double
    /// The share of the gradient that momentum leaves out, but for the first step's.
    public let dampening: Double
    /// The L2 penalty: this share of the weights is added to the gradient.
    public let weightDecay: Double
    /// Whether momentum looks one step ahead.
    public let nesterov: Bool
    /// The directions under PyTorch's name `momentum_buffer`; nothing without momentum.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's. Nesterov's momentum needs a momentum and no
    /// dampening.
    public init(
        learningRate: Double = 1e-3, momentum: Double = 0, dampening: Double = 0, weightDecay: Double = 0,
        nesterov: Bool = false
    ) {
        precondition(
            !nesterov || Self.allowsNesterov(momentum: momentum, dampening: dampening),
            "Nesterov's momentum with momentum \(momentum) and dampening \(dampening)")
        self.learningRate = learningRate
        self.momentum = momentum
        self.dampening = dampening
        self.weightDecay = weightDecay
        self.nesterov = nesterov
        state = OptimizerState(of: Self.name, remembering: momentum > 0 ? [.momentum] : [])
    }

    /// Takes over the state of another SGD. Throws `InputError` where it is another optimizer's, or has momentum where
    /// this has none.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        let isFirst = state.beginStep(parameters, gradients) == 1
        let settings = ftc_sgd_settings(
            rate: Float(learningRate), decay: Float(weightDecay), momentum: Float(momentum),
            fresh: isFirst ? 1 : Float(1 - dampening), gradient_share: nesterov ? 1 : 0,
            momentum_share: nesterov ? Float(momentum) : 1)
        state.forEachPiece(of: &parameters, &gradients) { piece in
            ftc_sgd(piece.weights, piece.gradients, piece[.momentum], piece.count, settings)
        }
    }

    private static func allowsNesterov(momentum: Double, dampening: Double) -> Bool { momentum > 0 && dampening == 0 }
}

extension SGD {
    static let entry = OptimizerCatalog.Entry(
        name, "steps along the gradient, with momentum if wanted", SGD(),
        settings: ["dampening", "momentum", "nesterov", "weight_decay"]
    ) { standard, settings in
        let momentum = try settings.amount("momentum", standard.momentum)
        let dampening = try settings.amount("dampening", standard.dampening)
        let nesterov = try settings.flag("nesterov", standard.nesterov)
        guard !nesterov || allowsNesterov(momentum: momentum, dampening: dampening) else {
            throw InputError(
                "\(name)(nesterov=true)", "has momentum \(momentum) and dampening \(dampening)",
                remedy: "Nesterov's momentum needs a momentum above 0 and no dampening.")
        }
        return SGD(
            momentum: momentum, dampening: dampening,
            weightDecay: try settings.amount("weight_decay", standard.weightDecay), nesterov: nesterov)
    }
}
