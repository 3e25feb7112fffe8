import Tensors

@testable import MetricLearning

/// The projection head written down plainly in `Double`: the twin of the fast one.
struct NaiveHead {
    var parameters: [[[Double]]]

    init(_ head: ProjectionHead) { parameters = head.parameters.map(\.doubles) }

    /// The embeddings of a training batch.
    func forward(_ features: [[Double]]) -> [[Double]] {
        var values = features
        for layer in 0..<parameters.count / 3 {
            let (weight, scale, shift) = (
                parameters[3 * layer], parameters[3 * layer + 1][0], parameters[3 * layer + 2][0]
            )
            values = values.map { row in weight.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
            for column in scale.indices {
                let count = Double(values.count)
                let mean = values.reduce(0) { $0 + $1[column] } / count
                let variance = values.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) } / count
                for row in values.indices {
                    let normalized = (values[row][column] - mean) / (variance + 1e-5).squareRoot()
                    let result = normalized * scale[column] + shift[column]
                    values[row][column] = layer < parameters.count / 3 - 1 ? max(result, 0) : result
                }
            }
        }
        return values
    }
}
