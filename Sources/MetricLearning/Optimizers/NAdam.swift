import CKernels
import Foundation
public import Tensors

/// Adam with Nesterov's momentum (Dozat 2016), with the defaults and numbers of `torch.optim.NAdam`.
public struct NAdam: Optimizer, Hashable {
    static let name = "NAdam"

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
    /// How fast the momentum rises from half of `beta1` to `beta1`.
    public let momentumDecay: Double
    /// Whether weight decay is AdamW's and not an L2 penalty.
    public let decoupledWeightDecay: Bool
    /// The moments, under PyTorch's names `exp_avg` and `exp_avg_sq`. PyTorch's `mu_product` follows from the steps.
    public private(set) var state: OptimizerState

    /// The product of the momenta of all steps so far.
    private var momentumProduct = 1.0

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(
        learningRate: Double = 2e-3, beta1: Double = 0.9, beta2: Double = 0.999, epsilon: Double = 1e-8,
        weightDecay: Double = 0, momentumDecay: Double = 4e-3, decoupledWeightDecay: Bool = false
    ) {
        self.learningRate = learningRate
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.momentumDecay = momentumDecay
        self.decoupledWeightDecay = decoupledWeightDecay
        state = OptimizerState(of: Self.name, remembering: [.gradientAverage, .squareAverage])
    }

    /// Takes over the state of another NAdam. Throws `InputError` where it is another optimizer's.
    public mutating func restore(_ state: OptimizerState) throws {
        try self.state.adopt(state)
        momentumProduct = 1
        for step in 0..<state.steps {
            // It never rises again.
            guard momentumProduct > 0 else { break }
            momentumProduct *= momentum(atStep: step + 1)
        }
    }

    /// Changes `parameters` by one step along `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        let step = state.beginStep(parameters, gradients)
        let (momentum, next) = (momentum(atStep: step), momentum(atStep: step + 1))
        momentumProduct *= momentum
        let root = BiasCorrection(beta1, beta2, step: step).second.squareRoot()
        let decay = WeightDecay(weightDecay, isDecoupled: decoupledWeightDecay, learningRate: learningRate)
        let settings = ftc_adam_settings(
            moment_size: Float(learningRate * next / (1 - momentumProduct * next)),
            gradient_size: Float(learningRate * (1 - momentum) / (1 - momentumProduct)), beta1: Float(beta1),
            beta2: Float(beta2), root: Float(root), epsilon: Float(epsilon), decay: decay.penalty,
            retention: decay.retention)
        state.takeAdamStep(&parameters, &gradients, settings)
    }

    private func momentum(atStep step: Int) -> Double {
        beta1 * (1 - 0.5 * pow(0.96, Double(step) * momentumDecay))
    }
}

extension NAdam {
    static let entry = OptimizerCatalog.Entry(
        name, "Adam that looks one step ahead, by Nesterov's momentum", NAdam(),
        settings: ["beta1", "beta2", "decoupled_weight_decay", "eps", "momentum_decay", "weight_decay"]
    ) { standard, settings in
        NAdam(
            beta1: try settings.decayRate("beta1", standard.beta1),
            beta2: try settings.decayRate("beta2", standard.beta2),
            epsilon: try settings.amount("eps", standard.epsilon),
            weightDecay: try settings.amount("weight_decay", standard.weightDecay),
            momentumDecay: try settings.amount("momentum_decay", standard.momentumDecay),
            decoupledWeightDecay: try settings.flag("decoupled_weight_decay", standard.decoupledWeightDecay))
    }
}
