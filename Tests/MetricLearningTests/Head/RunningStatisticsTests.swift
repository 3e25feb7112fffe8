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

    @Test("fold into one factor and one term per column")
    func folding() {
        let affine = AffineColumns(
            RunningStatistics(means: [1, 2], variances: [4, 9]), scale: Matrix(rows: 1, columns: 2, elements: [2, -3]),
            shift: Matrix(rows: 1, columns: 2, elements: [0.5, 0.25]))
        let start = Matrix(rows: 2, columns: 2, elements: [3, 5, -1, 2])
        var (plain, rectified) = (start, start)
        affine.apply(to: &plain, rectified: false)
        affine.apply(to: &rectified, rectified: true)
        expectClose(plain.elements, [2.5, -2.75, -1.5, 0.25], absolute: 1e-4)
        expectClose(rectified.elements, [2.5, 0, 0, 0.25], absolute: 1e-4)
    }
}
