import Tensors
import Testing

@testable import MetricLearning

@Suite("Running statistics")
struct RunningStatisticsTests {
    @Test("move a tenth of the way, with the unbiased variance")
    func update() {
        var statistics = RunningStatistics(width: 2)
        statistics.update(with: Matrix(rows: 3, columns: 2, elements: [1, -2, 3, 0, 9, 9]), batch: 4)
        expectClose(statistics.means, [0.1, -0.2], relative: 1e-6)
        expectClose(statistics.variances, [0.9 + 0.1 * 4, 0.9], relative: 1e-6)
    }

    @Test("have a bias in their mean")
    func bias() {
        var statistics = RunningStatistics(width: 2)
        statistics.update(
            with: Matrix(rows: 3, columns: 2, elements: [1, -2, 3, 0, 9, 9]),
            bias: Matrix(rows: 1, columns: 2, elements: [10, 20]), batch: 4)
        expectClose(statistics.means, [1.1, 1.8], relative: 1e-6)
    }

    @Test("fold into one factor and one term per column, with a bias and without batch normalization too")
    func folding() {
        let parameters = [[0, 0], [10, 20], [2, -3], [0.5, 0.25]].map { Matrix(rows: 1, columns: 2, elements: $0) }
        func outcome(bias: Int?, isNormalized: Bool, rectified: Bool) -> [Float] {
            let layer = HeadLayer(
                outputs: 2, inputs: 1, weight: 0, bias: bias, scale: isNormalized ? 2 : nil,
                shift: isNormalized ? 3 : nil,
                isRectified: rectified,
                statistics: isNormalized ? RunningStatistics(means: [1, 2], variances: [4, 9]) : nil)
            var values = Matrix(rows: 2, columns: 2, elements: [3, 5, -1, 2])
            AffineColumns(layer, parameters).apply(to: &values, rectified: rectified)
            return values.elements
        }
        expectClose(outcome(bias: nil, isNormalized: true, rectified: false), [2.5, -2.75, -1.5, 0.25], absolute: 1e-4)
        expectClose(outcome(bias: nil, isNormalized: true, rectified: true), [2.5, 0, 0, 0.25], absolute: 1e-4)
        expectClose(
            outcome(bias: 1, isNormalized: true, rectified: false), [12.5, -22.75, 8.5, -19.75], absolute: 1e-4)
        expectClose(outcome(bias: 1, isNormalized: false, rectified: false), [13, 25, 9, 22], absolute: 1e-6)
    }
}
