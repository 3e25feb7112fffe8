public import Tensors

/// pytorch-metric-learning's `ProxyNCALoss` (Movshovitz-Attias et al. 2017): each class has a proxy; the loss of a row is
/// `-log softmax(-scale D^2)` at its class, for the distances D of unit vectors to all proxies. The own proxy is in the
/// denominator, which the paper leaves out.
public struct ProxyNCALoss: MetricLoss {
    /// The proxies, `[classes, dimension]`.
    public var parameters: [Matrix]
    /// The scale of the softmax.
    public let softmaxScale: Float
    /// How the rows' losses become one number.
    public let reducer: LossReducer

    private static let stream: UInt64 = 5

    /// Proxies are drawn from N(0, 1); the defaults are PML's.
    public init(
        classes: Int, dimension: Int, softmaxScale: Float = 1, reducer: LossReducer = .mean, seed: UInt64
    ) {
        precondition(classes > 0 && dimension > 0, "\(classes) classes of \(dimension) dimensions")
        var generator = SeededGenerator(seed: seed, stream: Self.stream)
        parameters = [
            Matrix(rows: classes, columns: dimension, elements: generator.normals(classes * dimension))
        ]
        (self.softmaxScale, self.reducer) = (softmaxScale, reducer)
    }

    /// The loss and its derivatives. What a miner chose becomes a weight of each row.
    public func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation {
        let cosines = ClassCosines(embeddings, parameters[0])
        // D^2 = 2 - 2 cos; what is the same for all classes does not count.
        var logits = cosines.values
        logits.scale(by: 2 * softmaxScale)
        let value = CrossEntropy.evaluate(
            &logits, labels: labels, weights: RowWeights(tuples, rows: labels.count), reducer)
        logits.scale(by: 2 * softmaxScale)
        return cosines.evaluation(value: value, slopes: logits)
    }
}
