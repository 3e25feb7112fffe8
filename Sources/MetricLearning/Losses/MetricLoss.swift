public import Tensors

/// A loss over the embeddings of a labelled batch. Names, defaults and numbers are those of pytorch-metric-learning 2.9.
public protocol MetricLoss: Sendable {
    /// The loss's own trainable weights, such as proxies, for an optimizer of their own; empty for losses over pairs and
    /// triplets.
    var parameters: [Matrix] { get set }

    /// The loss of a batch and its derivatives.
    ///
    /// - Parameters:
    ///   - embeddings: The head's output as it is, `[batch, dimension]`; the loss normalizes where its definition does.
    ///   - labels: The class of each row.
    ///   - tuples: What a miner chose; nil for everything that the labels allow.
    mutating func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation
}

extension MetricLoss {
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

/// How the losses of many tuples become one number (pytorch-metric-learning's reducers).
public enum LossReducer: Sendable, Hashable {
    /// The mean over the tuples whose loss is above 0; 0 where there is none (`AvgNonZeroReducer`).
    case averageNonZero
    /// The mean over all tuples (`MeanReducer`).
    case mean

    /// What the sum of the losses is multiplied by.
    func factor(tuples: Int, nonZero: Int) -> Double {
        1 / Double(max(self == .mean ? tuples : nonZero, 1))
    }
}
