import CKernels
import Foundation
public import Tensors

/// Averaged stochastic gradient descent (Polyak and Juditsky 1992), with the defaults and numbers of `torch.optim.ASGD`.
///
/// The average of the weights is only remembered, as in PyTorch. Where a schedule changes the learning rate, a step has the
/// present one; PyTorch's has that of the step before.
public struct ASGD: Optimizer, Hashable {
    static let name = "ASGD"

    /// The step size at the beginning.
    public var learningRate: Double
    /// How fast the step size and the weights decay.
    public let lambd: Double
    /// The power of the step size's decay.
    public let alpha: Double
    /// The step at which averaging begins; before it, the average is the weights themselves.
    public let t0: Double
    /// The L2 penalty: this share of the weights is added to the gradient.
    public let weightDecay: Double
    /// The average of the weights, under PyTorch's name `ax`.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(
        learningRate: Double = 1e-2, lambd: Double = 1e-4, alpha: Double = 0.75, t0: Double = 1e6,
        weightDecay: Double = 0
    ) {
        self.learningRate = learningRate
        self.lambd = lambd
        self.alpha = alpha
        self.t0 = t0
        self.weightDecay = weightDecay
        state = OptimizerState(of: Self.name, remembering: [.weightAverage])
    }

    /// Takes over the state of another ASGD. Throws `InputError` where it is another optimizer's.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        // The sizes follow the number of steps made before this one.
        let made = Double(state.beginStep(parameters, gradients) - 1)
        let size = learningRate / pow(1 + lambd * learningRate * made, alpha)
        let settings = ftc_asgd_settings(
            size: Float(size), decay: Float(weightDecay), retention: Float(1 - lambd * size),
            share: Float(1 / max(1, made - t0)))
        state.forEachPiece(of: &parameters, &gradients) { piece in
            ftc_asgd(piece.weights, piece.gradients, piece[.weightAverage], piece.count, settings)
        }
    }
}

extension ASGD {
    static let entry = OptimizerCatalog.Entry(
        name, "steps along the gradient that shrink, and an average of the weights beside them", ASGD(),
        settings: ["alpha", "lambd", "t0", "weight_decay"]
    ) { standard, settings in
        ASGD(
            lambd: try settings.amount("lambd", standard.lambd), alpha: try settings.amount("alpha", standard.alpha),
            t0: try settings.amount("t0", standard.t0),
            weightDecay: try settings.amount("weight_decay", standard.weightDecay))
    }
}
