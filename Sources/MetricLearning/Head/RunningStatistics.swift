import Tensors

/// The exponential averages of a layer's batch statistics (`torch.nn.BatchNorm1d`, momentum 0.1).
struct RunningStatistics: Sendable, Hashable {
    /// The average of the batch means, one per column.
    var means: [Float]
    /// The average of the batches' unbiased variances, one per column.
    var variances: [Float]

    private static let momentum: Float = 0.1

    /// The statistics before the first batch: mean 0, variance 1.
    init(width: Int) {
        self.init(means: [Float](repeating: 0, count: width), variances: [Float](repeating: 1, count: width))
    }

    init(means: [Float], variances: [Float]) {
        self.means = means
        self.variances = variances
    }

    /// Moves towards the statistics of a batch of `batch` rows; rows 0 and 1 of `moments` are its means and biased
    /// variances. The batch is normalized with the biased variance, but the running one averages the unbiased.
    mutating func update(with moments: Matrix, batch: Int) {
        let unbiased = Float(batch) / Float(batch - 1)
        for column in means.indices {
            means[column] += Self.momentum * (moments[0, column] - means[column])
            variances[column] += Self.momentum * (moments[1, column] * unbiased - variances[column])
        }
    }
}

/// Batch normalization at inference time, folded into one multiplication and one addition per column.
struct AffineColumns: Sendable {
    private let factors: [Float]
    private let terms: [Float]

    init(_ statistics: RunningStatistics, scale: Matrix, shift: Matrix) {
        factors = statistics.variances.indices.map {
            scale[0, $0] / (statistics.variances[$0] + BatchNormalization.epsilon).squareRoot()
        }
        let factors = factors
        terms = statistics.means.indices.map { shift[0, $0] - statistics.means[$0] * factors[$0] }
    }

    /// Replaces every value by `value * factor + term` of its column, and negative results by 0 where `rectified`.
    func apply(to values: inout Matrix, rectified: Bool) {
        let (rows, columns) = (values.rows, values.columns)
        let floor: Float = rectified ? 0 : -.infinity
        values.withUnsafeMutableElements { values in
            factors.withUnsafeBufferPointer { factors in
                terms.withUnsafeBufferPointer { terms in
                    Parallel.forEachRange(of: rows, length: 64) { range in
                        for row in range {
                            let line = values.extracting(row * columns..<(row + 1) * columns)
                            for column in 0..<columns {
                                let value = line[column] * factors[column] + terms[column]
                                line[column] = value < floor ? floor : value  // in this form NaN stays NaN
                            }
                        }
                    }
                }
            }
        }
    }
}
