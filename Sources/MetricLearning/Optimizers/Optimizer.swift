public import Tensors

/// Changes parameters along their gradients. A value: a snapshot of its state is an assignment. Names, defaults and numbers
/// are PyTorch's.
public protocol Optimizer: Sendable {
    /// The step size, which a schedule may change between steps.
    var learningRate: Double { get set }
    /// Everything that a stopped run needs to go on with the same bits.
    var state: OptimizerState { get }

    /// Changes `parameters` by one step. State is kept by position: every call must bring the same parameters, in number,
    /// order and shapes, each with its gradient. What `gradients` holds of weights in reduced precision is written anew with them.
    mutating func step(_ parameters: inout [Matrix], gradients: inout Gradients)

    /// Takes over the state of an optimizer of the same kind. Throws `InputError` where it is one of another kind.
    mutating func restore(_ state: OptimizerState) throws
}

extension Optimizer {
    /// Changes `parameters` by one step along derivatives that are there.
    public mutating func step(_ parameters: inout [Matrix], gradients: [Matrix]) {
        var all = Gradients(gradients)
        step(&parameters, gradients: &all)
    }
}
