import Backbones
import ModelGraph
import ReferenceNetwork
import Tensors

/// The largest difference between a row of `features` and its expectation, relative to the largest expected magnitude.
func relativeDifference(_ features: Matrix, _ expected: [[Double]]) -> Double {
    guard features.rows == expected.count, features.columns == expected.first?.count else { return .infinity }
    var scale = 1e-12
    var difference = 0.0
    for row in 0..<features.rows {
        for (value, truth) in zip(features.row(row), expected[row]) {
            scale = max(scale, abs(truth))
            difference = max(difference, value.isFinite ? abs(Double(value) - truth) : .infinity)
        }
    }
    return difference / scale
}

/// The smallest cosine between a row of `features` and its expectation; rows of zeros count as equal.
func smallestCosine(_ features: Matrix, _ expected: [[Double]]) -> Double {
    expected.indices.map { row in
        var (product, own, other) = (0.0, 0.0, 0.0)
        for (value, truth) in zip(features.row(row), expected[row]) {
            product += Double(value) * truth
            own += Double(value) * Double(value)
            other += truth * truth
        }
        return own == 0 && other == 0 ? 1 : product / max((own * other).squareRoot(), 1e-30)
    }.min() ?? 1
}

/// How far the compiled graph is from its naive twin on random pictures, a ragged batch among them.
func differenceFromReference(
    _ graph: ModelGraph, _ random: inout RandomGraph, height: Int, width: Int, pictures: Int = 3, batchSize: Int = 2
) throws -> Double {
    let batch = random.pictures(pictures, height: height, width: width)
    let backbone = try OneDNNBackbone(
        graph: graph, height: height, width: width, batchSize: batchSize, threads: 1)
    let expected = try ReferenceNetwork(graph: graph, height: height, width: width).outputs(of: batch)
    return relativeDifference(try backbone.features(of: batch), expected)
}

extension Tensor4 {
    /// The batch of the pictures at `indices`.
    func items(_ indices: some Collection<Int>) -> Tensor4 {
        Tensor4(
            count: indices.count, channels: channels, height: height, width: width,
            elements: indices.flatMap { elements[$0 * elementsPerItem..<($0 + 1) * elementsPerItem] })
    }
}
