public import Tensors

/// The mean and the covariances of unit features, added up block by block: a store of any size needs one pass and memory for
/// two matrices of the features' width.
public struct FeatureScatter: Sendable {
    /// The width of the features.
    public let dimension: Int
    /// How many features were added.
    public private(set) var count = 0

    private var products: SymmetricMatrix
    private var classSums: [[Double]]
    private var classCounts: [Int]

    private static let rowsPerBlock = 4096

    /// Sums of nothing yet, for features of classes `0..<classes`.
    public init(dimension: Int, classes: Int) {
        precondition(dimension > 0 && classes > 0, "\(classes) classes of \(dimension) dimensions")
        self.dimension = dimension
        products = SymmetricMatrix(order: dimension)
        classSums = [[Double]](repeating: [Double](repeating: 0, count: dimension), count: classes)
        classCounts = [Int](repeating: 0, count: classes)
    }

    /// Adds `features`, `[count, dimension]`, each divided by its length, with the class of each.
    public mutating func add(_ features: Matrix, labels: [Int]) {
        precondition(
            features.rows == labels.count && features.columns == dimension,
            "features [\(features.rows), \(features.columns)] with \(labels.count) labels, not [*, \(dimension)]")
        for start in stride(from: 0, to: features.rows, by: Self.rowsPerBlock) {
            let rows = start..<min(start + Self.rowsPerBlock, features.rows)
            let unit = features.rows(in: rows).normalizedRows()
            products.addProducts(of: unit)
            for (row, label) in zip(0..., labels[rows]) {
                let values = unit.row(row)
                classCounts[label] += 1
                for (column, value) in zip(classSums[label].indices, values) {
                    classSums[label][column] += Double(value)
                }
            }
        }
        count += features.rows
    }

    /// The mean, `[1, dimension]`.
    public var mean: Matrix {
        Matrix(rows: 1, columns: dimension, elements: meanValues.map { Float($0) })
    }

    private var meanValues: [Double] {
        (0..<dimension).map { column in classSums.reduce(0) { $0 + $1[column] } / Double(max(count, 1)) }
    }

    /// The covariance around the mean, divided by the count.
    public var covariance: SymmetricMatrix {
        covariance(around: [meanValues], counts: [count])
    }

    /// The mean of the covariances around the means of the classes, each class weighing as many as it has. It is zero where
    /// every class has one.
    public var withinClassCovariance: SymmetricMatrix {
        let means = zip(classSums, classCounts).map { sums, count in sums.map { $0 / Double(max(count, 1)) } }
        return covariance(around: means, counts: classCounts)
    }

    /// How many features are in classes of two or more.
    public var pairedCount: Int { classCounts.reduce(0) { $0 + ($1 > 1 ? $1 : 0) } }

    /// `(sum of x x^T - sum of n m m^T) / count` for means m of n features each.
    private func covariance(around means: [[Double]], counts: [Int]) -> SymmetricMatrix {
        let centers = zip(means, counts).flatMap { mean, count in
            mean.map { Float(Double(count).squareRoot() * $0) }
        }
        var result = products
        result.addProducts(of: Matrix(rows: means.count, columns: dimension, elements: centers), factor: -1)
        result.scale(by: 1 / Double(max(count, 1)))
        result.symmetrize()
        return result
    }
}
