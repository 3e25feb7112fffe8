import Tensors

/// The cosines between embeddings and a loss's own weights, one row of weights a class or a center, and the way back.
struct ClassCosines {
    /// The cosines, `[batch, rows of weights]`.
    let values: Matrix

    private let embeddings, weights: UnitRows

    init(_ embeddings: Matrix, _ weights: Matrix) {
        precondition(
            embeddings.columns == weights.columns,
            "embeddings of \(embeddings.columns) dimensions for weights of \(weights.columns)")
        self.embeddings = UnitRows(embeddings)
        self.weights = UnitRows(weights)
        values = self.embeddings.points.multiplied(by: self.weights.points, .plain, .transposed)
    }

    /// A loss of `value` whose derivatives by the cosines are `slopes`, as one by embeddings and weights.
    func evaluation(value: Double, slopes: Matrix) -> LossEvaluation {
        LossEvaluation(
            value: Float(value), gradient: embeddings.gradient(slopes.multiplied(by: weights.points)),
            parameterGradients: [weights.gradient(slopes.multiplied(by: embeddings.points, .transposed, .plain))])
    }
}
