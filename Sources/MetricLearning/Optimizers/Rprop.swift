import CKernels
public import Tensors

/// Resilient backpropagation without backtracking (Riedmiller and Braun 1993; iRprop- of Igel and Hüsken 2000), with the
/// defaults and numbers of `torch.optim.Rprop`. It is meant for gradients of the whole set, not of batches.
public struct Rprop: Optimizer, Hashable {
    static let name = "Rprop"

    /// The size of the first steps; each weight's own afterwards.
    public var learningRate: Double
    /// What a size is multiplied by where the gradient's sign changes.
    public let etaMinus: Double
    /// What a size is multiplied by where the gradient keeps its sign.
    public let etaPlus: Double
    /// The bounds of the sizes.
    public let stepSizes: ClosedRange<Double>
    /// The last gradients and the sizes, under PyTorch's names `prev` and `step_size`.
    public private(set) var state: OptimizerState

    /// An optimizer that has made no step; the defaults are PyTorch's.
    public init(
        learningRate: Double = 1e-2, etaMinus: Double = 0.5, etaPlus: Double = 1.2,
        stepSizes: ClosedRange<Double> = 1e-6...50
    ) {
        self.learningRate = learningRate
        self.etaMinus = etaMinus
        self.etaPlus = etaPlus
        self.stepSizes = stepSizes
        state = OptimizerState(of: Self.name, remembering: [.previousGradient, .stepSize])
    }

    /// Takes over the state of another Rprop. Throws `InputError` where it is another optimizer's.
    public mutating func restore(_ state: OptimizerState) throws { try self.state.adopt(state) }

    /// Changes `parameters` by one step against the signs of `gradients`.
    public mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients) {
        _ = state.beginStep(parameters, gradients, initial: [.stepSize: Float(learningRate)])
        let settings = ftc_rprop_settings(
            growth: Float(etaPlus), shrinkage: Float(etaMinus), smallest: Float(stepSizes.lowerBound),
            largest: Float(stepSizes.upperBound))
        state.forEachPiece(of: &parameters, &gradients) { piece in
            ftc_rprop(
                piece.weights, piece.gradients, piece[.previousGradient], piece[.stepSize], piece.count, settings)
        }
    }
}

extension Rprop {
    static let entry = OptimizerCatalog.Entry(
        name, "steps against the gradient's sign, longer while it lasts; for batches of everything", Rprop(),
        settings: ["etaminus", "etaplus", "step_size_max", "step_size_min"]
    ) { standard, settings in
        let smallest = try settings.amount("step_size_min", standard.stepSizes.lowerBound)
        let largest = try settings.amount("step_size_max", standard.stepSizes.upperBound)
        guard smallest <= largest else {
            throw InputError(
                "\(name)(step_size_min=\(smallest))", "is larger than step_size_max, which is \(largest)",
                remedy: "Give bounds in order.")
        }
        return Rprop(
            etaMinus: try settings.decayRate("etaminus", standard.etaMinus),
            etaPlus: try settings.number("etaplus", standard.etaPlus, in: 1...1e30), stepSizes: smallest...largest)
    }
}
