import Tensors
import Testing

@testable import MetricLearning

@Suite("Whitening")
struct WhiteningTests {
    private static let labels = (0..<60).map { $0 % 6 }

    /// Features whose classes differ in the first directions, and whose pictures differ most in the last.
    private static func features(_ count: Int, seed: UInt64) -> Matrix {
        var matrix = Matrix.random(count, 8, seed: seed)
        for row in 0..<count {
            matrix[row, 0] += Float(row % 6)
            matrix[row, 1] += Float(row % 6 * row % 6 % 4)
            matrix[row, 7] *= 5
        }
        return matrix
    }

    private func unit(_ matrix: Matrix) -> [[Double]] {
        matrix.doubles.map { row in
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return row.map { $0 / length }
        }
    }

    private func covariance(_ rows: [[Double]]) -> [[Double]] {
        let mean = rows[0].indices.map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
        return mean.indices.map { left in
            mean.indices.map { right in
                rows.reduce(0) { $0 + ($1[left] - mean[left]) * ($1[right] - mean[right]) } / Double(rows.count)
            }
        }
    }

    private func scatter(_ features: Matrix, _ labels: [Int]) -> FeatureScatter {
        var scatter = FeatureScatter(dimension: 8, classes: 6)
        scatter.add(features.rows(in: 0..<25), labels: Array(labels[..<25]))
        scatter.add(features.rows(in: 25..<features.rows), labels: Array(labels[25...]))
        return scatter
    }

    @Test("the scatter of blocks is that of all, in total and within classes")
    func scatterTwin() {
        let features = Self.features(60, seed: 1)
        let scatter = scatter(features, Self.labels)
        let rows = unit(features)
        let total = covariance(rows)
        var within = [[Double]](repeating: [Double](repeating: 0, count: 8), count: 8)
        for label in 0..<6 {
            let part = covariance(rows.indices.filter { Self.labels[$0] == label }.map { rows[$0] })
            for row in 0..<8 { for column in 0..<8 { within[row][column] += part[row][column] / 6 } }
        }
        for row in 0..<8 {
            #expect(abs(Double(scatter.mean[0, row]) - rows.reduce(0) { $0 + $1[row] } / 60) < 1e-6)
            for column in 0..<8 {
                #expect(abs(scatter.covariance[row, column] - total[row][column]) < 1e-6)
                #expect(abs(scatter.withinClassCovariance[row, column] - within[row][column]) < 1e-6)
            }
        }
    }

    @Test("without shrinkage the whitened features vary equally within classes")
    func whitening() throws {
        let features = Self.features(60, seed: 2)
        let whitening = try WithinClassWhitening(scatter(features, Self.labels))
        let whitened = whitening.whitened(whitening.coordinates(of: features), shrinkage: 1e-9)
        var within = FeatureCovariance()
        for label in 0..<6 {
            within.add(Self.labels.indices.filter { Self.labels[$0] == label }.map { whitened.doubles[$0] })
        }
        for row in 0..<8 {
            for column in 0..<8 { #expect(abs(within.mean(row, column) - (row == column ? 1 : 0)) < 1e-3) }
        }
    }

    /// Sums of covariances around the mean of each group.
    private struct FeatureCovariance {
        private var sums = [[Double]](repeating: [Double](repeating: 0, count: 8), count: 8)
        private var count = 0.0

        mutating func add(_ rows: [[Double]]) {
            let mean = (0..<8).map { column in rows.reduce(0) { $0 + $1[column] } / Double(rows.count) }
            for row in rows {
                for left in 0..<8 {
                    for right in 0..<8 { sums[left][right] += (row[left] - mean[left]) * (row[right] - mean[right]) }
                }
            }
            count += Double(rows.count)
        }

        func mean(_ row: Int, _ column: Int) -> Double { sums[row][column] / count }
    }

    @Test("the projection keeps what all whitened dimensions say of neighbors, has unit scale, and pads with zeros")
    func projection() throws {
        let features = Self.features(60, seed: 3)
        let whitening = try WithinClassWhitening(scatter(features, Self.labels))
        let whitened = whitening.whitened(whitening.coordinates(of: features), shrinkage: 0.5)
        let shortcut = try whitening.projection(shrinkage: 0.5, dimension: 11)
        let projected = shortcut.projected(shortcut.centered(features))
        #expect(projected.rows == 60 && projected.columns == 11 && projected.row(4).suffix(3).allSatisfy { $0 == 0 })
        let square = projected.elements.reduce(0.0) { $0 + Double($1) * Double($1) } / 60
        #expect(abs(square - 1) < 1e-4)
        let (full, reduced) = (whitened.normalizedRows(), projected.normalizedRows())
        let (left, right) = (
            full.multiplied(by: full, .plain, .transposed), reduced.multiplied(by: reduced, .plain, .transposed)
        )
        for (left, right) in zip(left.elements, right.elements) { #expect(abs(left - right) < 1e-4) }
    }

    @Test("fewer dimensions are those of the largest variance")
    func reduction() throws {
        let features = Self.features(60, seed: 4)
        let scatter = scatter(features, Self.labels)
        let all = try PrincipalProjection.projection(scatter, dimension: 8)
        let some = try PrincipalProjection.projection(scatter, dimension: 3)
        let values = all.projected(all.centered(features))
        let variances = (0..<8).map { column in
            (0..<60).reduce(Float(0)) { $0 + values[$1, column] * values[$1, column] }
        }
        #expect(variances == variances.sorted(by: >))
        let ratio = some.projection[0, 0] / all.projection[0, 0]
        for (left, right) in zip(some.projection.elements, all.projection.rows(in: 0..<3).elements) {
            #expect(abs(left - ratio * right) < 1e-4)
        }
    }

    @Test("labels that pair nothing, and features that are all the same, are refused")
    func refusals() throws {
        var lonely = FeatureScatter(dimension: 8, classes: 6)
        lonely.add(Self.features(6, seed: 1), labels: Array(0..<6))
        #expect(throws: InputError.self) { try WithinClassWhitening(lonely) }
        var same = FeatureScatter(dimension: 8, classes: 6)
        same.add(Matrix(rows: 9, columns: 8, repeating: 2), labels: [Int](repeating: 1, count: 9))
        #expect(throws: InputError.self) { try WithinClassWhitening(same) }
        #expect(throws: InputError.self) { try PrincipalProjection.projection(same, dimension: 2) }
    }
}
