import Tensors

@testable import MetricLearning

/// The projection head written down plainly in `Double`: the twin of the fast one.
struct NaiveHead {
    var parameters: [[[Double]]]
    private let layers: [HeadLayer]
    private let shortcut: Shortcut?
    /// What dropout multiplies the activations of each hidden layer by; empty without.
    var masks: [[[Double]]] = []

    init(_ head: ProjectionHead) {
        parameters = head.parameters.map(\.doubles)
        (layers, shortcut) = (head.layers, head.shortcut)
    }

    /// The embeddings of a training batch.
    func forward(_ features: [[Double]]) -> [[Double]] {
        let input = shortcut.map { centered(features, mean: $0.mean.doubles[0]) } ?? features
        var values = input
        for (index, layer) in layers.enumerated() {
            values = Self.product(values, parameters[layer.weight])
            if let bias = layer.bias { values = values.map { zip($0, parameters[bias][0]).map { $0 + $1 } } }
            if let scale = layer.scale, let shift = layer.shift {
                normalize(&values, scale: parameters[scale][0], shift: parameters[shift][0])
            }
            if layer.isRectified { values = values.map { $0.map { max($0, 0) } } }
            if layer.isRectified, !masks.isEmpty {
                values = zip(values, masks[index]).map { zip($0, $1).map { $0 * $1 } }
            }
        }
        guard let shortcut else { return values }
        let projected = Self.product(input, shortcut.projection.doubles)
        return zip(projected, values).map { zip($0, $1).map { $0 + Double(shortcut.residualWeight) * $1 } }
    }

    private static func product(_ rows: [[Double]], _ weight: [[Double]]) -> [[Double]] {
        rows.map { row in weight.map { zip(row, $0).reduce(0) { $0 + $1.0 * $1.1 } } }
    }

    private func centered(_ features: [[Double]], mean: [Double]) -> [[Double]] {
        features.map { row in
            let length = row.reduce(0) { $0 + $1 * $1 }.squareRoot()
            return zip(row, mean).map { $0 / max(length, 1e-12) - $1 }
        }
    }

    private func normalize(_ values: inout [[Double]], scale: [Double], shift: [Double]) {
        let count = Double(values.count)
        for column in scale.indices {
            let mean = values.reduce(0) { $0 + $1[column] } / count
            let variance = values.reduce(0) { $0 + ($1[column] - mean) * ($1[column] - mean) } / count
            for row in values.indices {
                let normalized = (values[row][column] - mean) / (variance + 1e-5).squareRoot()
                values[row][column] = normalized * scale[column] + shift[column]
            }
        }
    }
}
