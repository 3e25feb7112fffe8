public import Tensors

/// Changes parameters along their gradients. A value: a snapshot of its state is an assignment. Names, defaults and numbers
/// are PyTorch's.
public protocol Optimizer: Sendable {
    /// The step size, which a schedule may change between steps.
    var learningRate: Double { get set }
    /// Everything that a stopped run needs to go on with the same bits.
    var state: OptimizerState { get }

    /// Changes `parameters` by one step. State is kept by position: every call must bring the same parameters, in number,
    /// order and shapes, each with its gradient.
    mutating func step(_ parameters: inout [Matrix], gradients: [Matrix])

    /// Takes over the state of an optimizer of the same kind. Throws `InputError` where it is one of another kind.
    mutating func restore(_ state: OptimizerState) throws
}

/// What an optimizer remembers between steps.
public struct OptimizerState: Sendable, Hashable {
    /// How many steps were made.
    public var steps: Int
    /// Per remembered quantity, under PyTorch's name such as `exp_avg`, one matrix for each parameter; no matrices before
    /// the first step.
    public var slots: [String: [Matrix]]

    /// A state after `steps` steps.
    public init(steps: Int, slots: [String: [Matrix]]) {
        self.steps = steps
        self.slots = slots
    }
}
