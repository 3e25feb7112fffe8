import CKernels
public import Tensors

/// Adadelta (Zeiler 2012, algorithm 1), with the defaults and numbers of `torch.optim.Adadelta`.
public struct Adadelta: Optimizer, Hashable {
    static let name = "Adadelta"

    /// A factor of the step, which has a size of its own.
    public var learningRate: Double
    /// The decay of the averages, from 0 to below 1.
    public let rho: Double
    /// Added to the averages before their roots are taken.
    public let epsilon: Double
    /// The L2 penalty: this share of the weights is added to the gradient.
    public let weightDecay: Double
    /// The averages of the squared gradients and steps, under PyTorch's names `square_avg` and `acc_delta`.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(learningRate: Double = 1, rho: Double = 0.9, epsilon: Double = 1e-6, weightDecay: Double = 0) {
        self.learningRate = learningRate
        self.rho = rho
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        state = OptimizerState(of: Self.name, remembering: [.meanSquare, .meanSquareDelta])
    }

    /// Takes over the state of another Adadelta. Throws `InputError` where it is another optimizer's.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        _ = state.beginStep(parameters, gradients)
        let settings = ftc_adadelta_settings(
            rate: Float(learningRate), rho: Float(rho), epsilon: Float(epsilon), decay: Float(weightDecay))
        state.forEachPiece(of: &parameters, &gradients) { piece in
            ftc_adadelta(
                piece.weights, piece.gradients, piece[.meanSquare], piece[.meanSquareDelta], piece.count, settings)
        }
    }
}

extension Adadelta {
    static let entry = OptimizerCatalog.Entry(
        name, "steps as long as the last ones, by the ratio of two root mean squares", Adadelta(),
        settings: ["eps", "rho", "weight_decay"]
    ) { standard, settings in
        Adadelta(
            rho: try settings.decayRate("rho", standard.rho), epsilon: try settings.amount("eps", standard.epsilon),
            weightDecay: try settings.amount("weight_decay", standard.weightDecay))
    }
}
