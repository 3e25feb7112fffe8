public import Tensors

/// A network from frozen features to embeddings that can be trained: a value, so that a snapshot is an assignment.
///
/// A training step is `forward`, a loss on the embeddings, `backward`, and an optimizer over `parameters` with
/// `workspace.gradients`, which has the same order and shapes.
public protocol TrainableHead: Sendable {
    /// The width of the features.
    var inputDimension: Int { get }
    /// The width of the embeddings.
    var outputDimension: Int { get }
    /// What an optimizer changes, in a fixed order with fixed shapes.
    var parameters: [Matrix] { get set }

    /// The embeddings of `features`, `[count, inputDimension]`, as used after training: `[count, outputDimension]`.
    /// They are not normalized.
    func embeddings(of features: Matrix) -> Matrix

    /// The embeddings of one training batch, `[batch, outputDimension]`; keeps in `workspace` what `backward` needs.
    mutating func forward(_ features: Matrix, workspace: inout HeadWorkspace) -> Matrix

    /// Writes to `workspace.gradients` the derivative of the loss by every parameter, given the one by the embeddings that
    /// the last `forward` with this workspace returned, `[batch, outputDimension]`.
    func backward(_ outputGradient: Matrix, workspace: inout HeadWorkspace)
}
