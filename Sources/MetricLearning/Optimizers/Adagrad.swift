import CKernels
public import Tensors

/// Adagrad (Duchi et al. 2011), with the defaults and numbers of `torch.optim.Adagrad`.
public struct Adagrad: Optimizer, Hashable {
    static let name = "Adagrad"

    /// The step size.
    public var learningRate: Double
    /// How fast the step size shrinks with the steps.
    public let learningRateDecay: Double
    /// The L2 penalty: this share of the weights is added to the gradient.
    public let weightDecay: Double
    /// What the sums of squares begin with.
    public let initialAccumulatorValue: Double
    /// Added to the root of the sum of squares.
    public let epsilon: Double
    /// The sums of squared gradients, under PyTorch's name `sum`.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(
        learningRate: Double = 1e-2, learningRateDecay: Double = 0, weightDecay: Double = 0,
        initialAccumulatorValue: Double = 0, epsilon: Double = 1e-10
    ) {
        self.learningRate = learningRate
        self.learningRateDecay = learningRateDecay
        self.weightDecay = weightDecay
        self.initialAccumulatorValue = initialAccumulatorValue
        self.epsilon = epsilon
        state = OptimizerState(of: Self.name, remembering: [.squareSum])
    }

    /// Takes over the state of another Adagrad. Throws `InputError` where it is another optimizer's.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        let step = state.beginStep(parameters, gradients, initial: [.squareSum: Float(initialAccumulatorValue)])
        let settings = ftc_adagrad_settings(
            size: Float(learningRate / (1 + Double(step - 1) * learningRateDecay)), epsilon: Float(epsilon),
            decay: Float(weightDecay))
        state.forEachPiece(of: &parameters, &gradients) { piece in
            ftc_adagrad(piece.weights, piece.gradients, piece[.squareSum], piece.count, settings)
        }
    }
}

extension Adagrad {
    static let entry = OptimizerCatalog.Entry(
        name, "steps along the gradient over the root of all its squares so far", Adagrad(),
        settings: ["eps", "initial_accumulator_value", "lr_decay", "weight_decay"]
    ) { standard, settings in
        Adagrad(
            learningRateDecay: try settings.amount("lr_decay", standard.learningRateDecay),
            weightDecay: try settings.amount("weight_decay", standard.weightDecay),
            initialAccumulatorValue: try settings.amount(
                "initial_accumulator_value", standard.initialAccumulatorValue),
            epsilon: try settings.amount("eps", standard.epsilon))
    }
}
