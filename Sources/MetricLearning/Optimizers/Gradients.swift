public import Tensors

/// The derivatives of a loss by parameters, in the order and shapes of the parameters, for an optimizer's step.
public struct Gradients: Sendable {
    enum Gradient: Sendable {
        case values(Matrix)
        /// The derivative by a linear layer's weight, `[outputs, inputs]`, as the product that it is: of the derivative by the layer's
        /// output, transposed, and of the layer's input.
        ///
        /// An optimizer takes it a few rows at a time as they are computed, so that it is never written to memory and read back, and
        /// one core waits for weights and moments while another multiplies (Lv et al. 2023, "Full parameter fine-tuning for large
        /// language models with limited resources", fuse the same steps to save memory).
        case product(PendingProduct)
    }

    let all: [Gradient]
    /// Weights in reduced precision, by their places: a step writes them a few rows at a time, while these are in the cache.
    private(set) var roundedWeights: [Int: BFloat16Matrix]

    /// Derivatives that are there.
    public init(_ matrices: [Matrix]) { self.init(matrices.map { .values($0) }) }

    init(_ all: [Gradient], roundedWeights: [Int: BFloat16Matrix] = [:]) {
        (self.all, self.roundedWeights) = (all, roundedWeights)
    }

    /// Calls `body` with a function that writes values of the weight at `place`, from a first one on, in reduced precision; it does
    /// nothing where nobody asked for that.
    mutating func withRounding(
        ofWeightAt place: Int, _ body: (_ round: (UnsafeBufferPointer<Float>, Int) -> Void) -> Void
    ) {
        // Moved out and back, so that writing to it makes no copy.
        guard var weight = roundedWeights.removeValue(forKey: place) else { return body { _, _ in } }
        weight.withUnsafeRounding(body)
        roundedWeights[place] = weight
    }

    /// The shape of each, `[rows, columns]`.
    var shapes: [[Int]] {
        all.map { gradient in
            switch gradient {
            case .values(let matrix): [matrix.rows, matrix.columns]
            case .product(let product): [product.rows, product.columns]
            }
        }
    }
}
