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
    /// variances, without the bias `[1, width]` that all its rows have. The batch is normalized with the biased variance, but the
    /// running one averages the unbiased.
    mutating func update(with moments: Matrix, bias: Matrix? = nil, batch: Int) {
        let unbiased = Float(batch) / Float(batch - 1)
        for column in means.indices {
            let mean = moments[0, column] + (bias.map { $0[0, column] } ?? 0)
            means[column] += Self.momentum * (mean - means[column])
            variances[column] += Self.momentum * (moments[1, column] * unbiased - variances[column])
        }
    }
}
