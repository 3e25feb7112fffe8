public import Tensors

/// A layer of a head as inference computes it, batch normalization folded in: `W x + b`, and ReLU after it or not.
public struct InferenceLayer: Sendable, Hashable {
    /// W, shape `[outputs, inputs]`.
    public let weight: Matrix
    /// b, `outputs` numbers.
    public let bias: [Float]
    /// Whether negative results become 0.
    public let isRectified: Bool
}

extension ProjectionHead {
    /// The trainable layers as inference computes them, but for the rounding of folded numbers.
    public var inferenceLayers: [InferenceLayer] {
        layers.enumerated().map { index, layer in
            let columns = AffineColumns(layer, parameters)
            var weight = weight(index)
            let width = weight.columns
            weight.withUnsafeMutableElements { values in
                for place in values.indices { values[place] *= columns.factors[place / width] }
            }
            return InferenceLayer(weight: weight, bias: columns.terms, isRectified: layer.isRectified)
        }
    }
}
