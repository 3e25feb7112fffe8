import Foundation
public import Tensors

/// pytorch-metric-learning's `SoftTripleLoss` (Qian et al. 2019): each class has several centers; its similarity is the mean of
/// the cosines to them, weighted by their softmax at temperature gamma, and the loss is the cross entropy of
/// `lambda (similarity - margin at the own class)`.
public struct SoftTripleLoss: MetricLoss {
    /// The centers of each class one after the other, `[classes * centers, dimension]`, the transposed of PML's.
    public var parameters: [Matrix]
    /// The number of centers of a class.
    public let centers: Int
    /// What similarities are multiplied by.
    public let lambda: Float
    /// The temperature of the centers' softmax.
    public let gamma: Float
    /// What is taken from the own class's similarity.
    public let margin: Float
    /// How the rows' losses become one number.
    public let reducer: LossReducer

    private static let stream: UInt64 = 5

    /// Centers as PML draws them (`kaiming_uniform_` with a = sqrt 5, uniformly from ±1/sqrt(classes * centers)); the defaults
    /// are PML's.
    public init(
        classes: Int, dimension: Int, centers: Int = 10, lambda: Float = 20, gamma: Float = 0.1, margin: Float = 0.01,
        reducer: LossReducer = .mean, seed: UInt64
    ) {
        precondition(classes > 0 && dimension > 0 && centers > 0, "\(classes) classes of \(dimension) dimensions")
        var generator = SeededGenerator(seed: seed, stream: Self.stream)
        let rows = classes * centers
        let bound = 1 / Float(rows).squareRoot()
        let elements = (0..<rows * dimension).map { _ in generator.uniform(-bound, bound) }
        parameters = [Matrix(rows: rows, columns: dimension, elements: elements)]
        (self.centers, self.lambda, self.gamma) = (centers, lambda, gamma)
        (self.margin, self.reducer) = (margin, reducer)
    }

    /// The loss and its derivatives. What a miner chose becomes a weight of each row.
    public func evaluate(embeddings: Matrix, labels: [Int], tuples: MinedTuples?) -> LossEvaluation {
        let cosines = ClassCosines(embeddings, parameters[0])
        let shares = centerShares(cosines.values)
        let similarities = classSimilarities(cosines.values, shares)
        var logits = similarities
        for (row, label) in labels.enumerated() { logits[row, label] -= margin }
        logits.scale(by: lambda)
        let value = CrossEntropy.evaluate(
            &logits, labels: labels, weights: RowWeights(tuples, rows: labels.count), reducer)
        logits.scale(by: lambda)
        var slopes = shares
        for row in 0..<slopes.rows {
            for column in 0..<slopes.columns {
                let label = column / centers
                let bend = 1 + (cosines.values[row, column] - similarities[row, label]) / gamma
                slopes[row, column] *= bend * logits[row, label]
            }
        }
        return cosines.evaluation(value: value, slopes: slopes)
    }

    /// The softmax of each class's cosines over its centers.
    private func centerShares(_ cosines: Matrix) -> Matrix {
        var shares = cosines
        for row in 0..<cosines.rows {
            for start in stride(from: 0, to: cosines.columns, by: centers) {
                let columns = start..<start + centers
                let largest = columns.reduce(-Float.infinity) { max($0, cosines[row, $1]) }
                for column in columns { shares[row, column] = exp((cosines[row, column] - largest) / gamma) }
                let sum = columns.reduce(Float(0)) { $0 + shares[row, $1] }
                for column in columns { shares[row, column] /= sum }
            }
        }
        return shares
    }

    private func classSimilarities(_ cosines: Matrix, _ shares: Matrix) -> Matrix {
        let classes = cosines.columns / centers
        let values = (0..<cosines.rows).flatMap { row in
            (0..<classes).map { label in
                (label * centers..<(label + 1) * centers).reduce(Float(0)) { $0 + shares[row, $1] * cosines[row, $1] }
            }
        }
        return Matrix(rows: cosines.rows, columns: classes, elements: values)
    }
}
