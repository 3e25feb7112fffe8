import Foundation
public import Tensors

/// pytorch-metric-learning's `ProxyAnchorLoss` (Kim et al. 2020, equation 4): each class has a proxy, which is the anchor;
/// `1/|C+| sum over classes in the batch of log(1 + sum over their rows of exp(-alpha (s - margin)))`
/// `+ 1/|C| sum over all classes of log(1 + sum over the other rows of exp(alpha (s + margin)))`.
public struct ProxyAnchorLoss: MetricLoss {
    /// The proxies, `[classes, dimension]`.
    public var parameters: [Matrix]
    /// How much nearer than 0 rows of the class should be, and farther the others.
    public let margin: Float
    /// The scale.
    public let alpha: Float

    private static let stream: UInt64 = 5

    /// Proxies as PML draws them (`kaiming_normal_` with `fan_out`, standard deviation sqrt(2 / classes)); the defaults are
    /// PML's.
    public init(classes: Int, dimension: Int, margin: Float = 0.1, alpha: Float = 32, seed: UInt64) {
        precondition(classes > 0 && dimension > 0, "\(classes) classes of \(dimension) dimensions")
        var generator = SeededGenerator(seed: seed, stream: Self.stream)
        let deviation = (2 / Float(classes)).squareRoot()
        let elements = generator.normals(classes * dimension).map { $0 * deviation }
        parameters = [Matrix(rows: classes, columns: dimension, elements: elements)]
        (self.margin, self.alpha) = (margin, alpha)
    }

    /// The loss and its derivatives. What a miner chose becomes a weight w of each row, whose exponents have w - 1 added.
    public func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation {
        let cosines = ClassCosines(embeddings, parameters[0])
        let weights = RowWeights(tuples, rows: labels.count)
        let classes = parameters[0].rows
        let present = Float(Set(labels).count)
        var slopes = Matrix(rows: labels.count, columns: classes)
        var value = 0.0
        for label in 0..<classes {
            let own = labels.indices.filter { labels[$0] == label }
            let others = labels.indices.filter { labels[$0] != label }
            let near = exponents(own) { -alpha * (cosines.values[$0, label] - margin) + weights.values[$0] - 1 }
            let far = exponents(others) { alpha * (cosines.values[$0, label] + margin) + weights.values[$0] - 1 }
            value += Double(near.log / max(present, 1) + far.log / Float(classes))
            for (row, share) in zip(own, near.shares) { slopes[row, label] = -alpha * share / present }
            for (row, share) in zip(others, far.shares) { slopes[row, label] = alpha * share / Float(classes) }
        }
        return cosines.evaluation(value: value, slopes: slopes)
    }

    /// `log(1 + sum of exp(e))` of the rows' exponents, and each one's share.
    private func exponents(_ rows: [Int], _ exponent: (Int) -> Float) -> (log: Float, shares: [Float]) {
        let values = rows.map(exponent)
        var sum = LogSumExp(one: true)
        for value in values { sum.add(value) }
        let log = sum.value
        return (log, values.map { exp($0 - log) })
    }
}
