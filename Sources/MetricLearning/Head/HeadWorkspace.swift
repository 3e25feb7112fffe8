public import Tensors

/// The memory of a training step: what the forward pass leaves for the backward pass, and the gradients. Used again by
/// every step with batches of the same size, so that steps allocate next to nothing.
public struct HeadWorkspace: Sendable {
    /// One linear layer with its batch normalization; matrices are `[batch, width of the layer's output]`.
    struct Layer: Sendable {
        /// The linear layer's output, then the same normalized to mean 0 and variance 1 per column.
        var normalized: Matrix
        /// The layer's output, after scale, shift and ReLU.
        var activation: Matrix
        /// The derivative of the loss by `activation`, then by the linear layer's output.
        var delta: Matrix
        /// Rows: mean, biased variance and 1 / standard deviation of every column of the linear layer's output.
        var moments: Matrix
        /// Rows: the derivatives by the scale and by the shift of every column.
        var slopes: Matrix

        init(rows: Int, width: Int) {
            normalized = Matrix(rows: rows, columns: width)
            activation = normalized
            delta = normalized
            moments = Matrix(rows: 3, columns: width)
            slopes = Matrix(rows: 2, columns: width)
        }
    }

    /// The derivative of the loss by every parameter, in the order and shapes of the head's `parameters`.
    public internal(set) var gradients: [Matrix] = []
    /// The derivative of the loss by the features, `[batch, inputDimension]`; nil unless asked for, because frozen features
    /// have no use for it.
    public internal(set) var inputGradient: Matrix?

    let wantsInputGradient: Bool
    var features = Matrix(rows: 0, columns: 0)
    var layers: [Layer] = []

    /// An empty workspace; the first `forward` gives it its memory.
    public init(wantsInputGradient: Bool = false) {
        self.wantsInputGradient = wantsInputGradient
    }

    /// Takes memory for a batch of `rows` through layers as wide as `widths`, unless it is there already.
    mutating func prepare(rows: Int, widths: [Int], parameters: [Matrix]) {
        if layers.map(\.activation.columns) != widths || layers.first?.activation.rows != rows {
            layers = widths.map { Layer(rows: rows, width: $0) }
        }
        if !gradients.elementsEqual(parameters, by: { $0.rows == $1.rows && $0.columns == $1.columns }) {
            gradients = parameters.map { Matrix(rows: $0.rows, columns: $0.columns) }
        }
    }
}
