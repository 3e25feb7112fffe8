public import Tensors

/// A loss over the embeddings of a labelled batch. Names, defaults and numbers are those of pytorch-metric-learning 2.9.
public protocol MetricLoss: Sendable {
    /// The loss's own trainable weights, such as proxies, for an optimizer of their own; empty for losses over pairs and
    /// triplets.
    var parameters: [Matrix] { get set }

    /// What the loss remembers of earlier batches, for a checkpoint; nil where it remembers nothing.
    var memory: LossMemory? { get }

    /// Takes over what another loss with the same settings remembered. Throws `InputError` where that does not fit.
    mutating func restore(_ memory: LossMemory?) throws

    /// The loss of a batch and its derivatives.
    ///
    /// - Parameters:
    ///   - embeddings: The head's output as it is, `[batch, dimension]`; the loss normalizes where its definition does.
    ///   - labels: The class of each row.
    ///   - tuples: What a miner chose; nil for everything that the labels allow.
    mutating func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation
}

extension MetricLoss {
    /// No memory.
    public var memory: LossMemory? { nil }

    /// Does nothing: there is no memory.
    public mutating func restore(_ memory: LossMemory?) throws {}

    /// No weights.
    public var parameters: [Matrix] {
        get { [] }
        set { precondition(newValue.isEmpty, "\(newValue.count) parameters for a loss that has none") }
    }
}

/// What a loss says of one batch.
public struct LossEvaluation: Sendable, Hashable {
    /// The loss.
    public var value: Float
    /// The derivative by the embeddings, `[batch, dimension]`.
    public var gradient: Matrix
    /// The derivatives by the loss's own `parameters`, in their order and shapes.
    public var parameterGradients: [Matrix]

    /// A loss of `value` with its derivatives.
    public init(value: Float, gradient: Matrix, parameterGradients: [Matrix] = []) {
        self.value = value
        self.gradient = gradient
        self.parameterGradients = parameterGradients
    }
}
