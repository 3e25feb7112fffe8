import CKernels
import Foundation
public import Tensors

/// Rectified Adam (Liu et al. 2020, algorithm 2), with the defaults and numbers of `torch.optim.RAdam`.
public struct RAdam: Optimizer, Hashable {
    static let name = "RAdam"

    /// The step size.
    public var learningRate: Double
    /// The decay of the average gradient, from 0 to below 1.
    public let beta1: Double
    /// The decay of the average squared gradient, from 0 to below 1.
    public let beta2: Double
    /// Added to the root of the average squared gradient.
    public let epsilon: Double
    /// The L2 penalty, or with `decoupledWeightDecay` the share of the weights that decays as AdamW's.
    public let weightDecay: Double
    /// Whether weight decay is AdamW's and not an L2 penalty.
    public let decoupledWeightDecay: Bool
    /// The moments, under PyTorch's names `exp_avg` and `exp_avg_sq`.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(
        learningRate: Double = 1e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, decoupledWeightDecay: Bool = false
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.decoupledWeightDecay = decoupledWeightDecay
        state = OptimizerState(of: Self.name, remembering: [.gradientAverage, .squareAverage])
    }

    /// Takes over the state of another RAdam. Throws `InputError` where it is another optimizer's.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        let step = state.beginStep(parameters, gradients)
        let correction = BiasCorrection(beta1, beta2, step: step)
        let decay = WeightDecay(weightDecay, isDecoupled: decoupledWeightDecay, learningRate: learningRate)
        var settings = ftc_adam_settings(
            moment_size: Float(learningRate / correction.first), gradient_size: 0, beta1: Float(beta1),
            beta2: Float(beta2), root: .infinity, epsilon: 1, decay: decay.penalty, retention: decay.retention)
        // An infinite root and an epsilon of 1 make a denominator of 1: while the variance is not known, the step is that
        // of plain momentum.
        if let rectification = rectification(atStep: step) {
            let factor = rectification * correction.second.squareRoot()
            (settings.root, settings.epsilon) = (1, Float(epsilon))
            settings.moment_size = Float(learningRate * factor / correction.first)
        }
        state.takeAdamStep(&parameters, &gradients, settings)
    }

    /// The term r of the paper; nil while the average of squares is too short for it, up to a length of 5 as in PyTorch.
    private func rectification(atStep step: Int) -> Double? {
        let longest = 2 / (1 - beta2) - 1
        let power = pow(beta2, Double(step))
        let length = longest - 2 * Double(step) * power / (1 - power)
        guard length > 5 else { return nil }
        let square = (length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length)
        return square.squareRoot()
    }
}

extension RAdam {
    static let entry = OptimizerCatalog.Entry(
        name, "Adam that begins without its denominator, until that is reliable", RAdam(),
        settings: ["beta1", "beta2", "decoupled_weight_decay", "eps", "weight_decay"]
    ) { standard, settings in
        RAdam(
            beta1: try settings.decayRate("beta1", standard.beta1),
            beta2: try settings.decayRate("beta2", standard.beta2),
            epsilon: try settings.amount("eps", standard.epsilon),
            weightDecay: try settings.amount("weight_decay", standard.weightDecay),
            decoupledWeightDecay: try settings.flag("decoupled_weight_decay", standard.decoupledWeightDecay))
    }
}
