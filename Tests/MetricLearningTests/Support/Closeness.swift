import Tensors
import Testing

/// Expects every element within `relative` or `absolute` of the reference; the defaults are for `Float` against float64.
func expectClose(
    _ actual: some Collection<Float>, _ expected: some Collection<Double>, relative: Double = 2e-4,
    absolute: Double = 2e-5, _ what: String = "", sourceLocation: SourceLocation = #_sourceLocation
) {
    #expect(actual.count == expected.count, "\(what)", sourceLocation: sourceLocation)
    let worst = zip(actual, expected).enumerated().first { _, pair in
        !(abs(Double(pair.0) - pair.1) <= max(absolute, relative * abs(pair.1)))
    }
    if let (index, pair) = worst {
        Issue.record("\(what)[\(index)] is \(pair.0), not \(pair.1)", sourceLocation: sourceLocation)
    }
}

extension Matrix {
    /// Values drawn uniformly from -1 to 1.
    static func random(_ rows: Int, _ columns: Int, seed: UInt64) -> Matrix {
        var generator = SeededGenerator(seed: seed)
        return Matrix(
            rows: rows, columns: columns, elements: (0..<rows * columns).map { _ in generator.uniform(-1, 1) })
    }

    var doubles: [[Double]] { (0..<rows).map { row($0).map(Double.init) } }
}

/// The derivative of `function` by every element of `point`, by central differences.
func finiteDifferences(at point: [[Double]], step: Double = 1e-5, _ function: ([[Double]]) -> Double) -> [Double] {
    point.indices.flatMap { row in
        point[row].indices.map { column in
            func value(_ change: Double) -> Double {
                var moved = point
                moved[row][column] += change
                return function(moved)
            }
            return (value(step) - value(-step)) / (2 * step)
        }
    }
}
