import CKernels
import Foundation
import Tensors

/// How much of themselves running averages that began at 0 have reached, `1 - beta^t` (Kingma and Ba 2015, section 3).
struct BiasCorrection {
    let first: Double
    let second: Double

    init(_ beta1: Double, _ beta2: Double, step: Int) {
        // From the betas as the kernel has them, in Float, so that the correction fits what it corrects.
        func reached(_ beta: Double) -> Double { 1 - pow(Double(Float(beta)), Double(step)) }
        (first, second) = (reached(beta1), reached(beta2))
    }
}

/// Weight decay as a kernel takes it: as an L2 penalty added to the gradient, or decoupled from it (Loshchilov and Hutter
/// 2019), where `1 - learning rate * decay` of each weight remains.
struct WeightDecay {
    let penalty: Float
    let retention: Float

    init(_ decay: Double, isDecoupled: Bool, learningRate: Double) {
        penalty = isDecoupled ? 0 : Float(decay)
        retention = isDecoupled ? Float(1 - learningRate * decay) : 1
    }
}

extension OptimizerState {
    /// The state of an Adam or AdamW that has made no step.
    init(ofAdam name: String, amsgrad: Bool) {
        self.init(
            of: name, remembering: [.gradientAverage, .squareAverage] + (amsgrad ? [.largestSquareAverage] : []))
    }

    /// The whole step of Adam and AdamW, which differ in the weight decay.
    mutating func takeAdamStep(
        _ parameters: inout [Matrix], _ gradients: inout Gradients, learningRate: Double, beta1: Double, beta2: Double,
        epsilon: Double, _ decay: WeightDecay
    ) {
        let correction = BiasCorrection(beta1, beta2, step: beginStep(parameters, gradients))
        let settings = ftc_adam_settings(
            moment_size: Float(learningRate / correction.first), gradient_size: 0, beta1: Float(beta1),
            beta2: Float(beta2), root: Float(correction.second.squareRoot()), epsilon: Float(epsilon),
            decay: decay.penalty, retention: decay.retention)
        takeAdamStep(&parameters, &gradients, settings)
    }

    /// The step of Adam, AdamW, NAdam and RAdam, which differ in its sizes.
    mutating func takeAdamStep(
        _ parameters: inout [Matrix], _ gradients: inout Gradients, _ settings: ftc_adam_settings
    ) {
        forEachPiece(of: &parameters, &gradients) { piece in
            ftc_adam(
                piece.weights, piece.gradients, piece[.gradientAverage], piece[.squareAverage],
                piece[.largestSquareAverage], piece.count, settings)
        }
    }
}
