import Tensors

/// What follows a layer's product at inference time, bias and batch normalization, folded into one multiplication and one
/// addition per column.
struct AffineColumns: Sendable {
    let factors: [Float]
    let terms: [Float]

    init(_ layer: HeadLayer, _ parameters: [Matrix]) {
        let bias = layer.bias.map { parameters[$0].elements } ?? [Float](repeating: 0, count: layer.outputs)
        guard let statistics = layer.statistics, let scale = layer.scale, let shift = layer.shift else {
            (factors, terms) = ([Float](repeating: 1, count: layer.outputs), bias)
            return
        }
        let factors = statistics.variances.indices.map {
            parameters[scale][0, $0] / (statistics.variances[$0] + BatchNormalization.epsilon).squareRoot()
        }
        terms = statistics.means.indices.map {
            parameters[shift][0, $0] + (bias[$0] - statistics.means[$0]) * factors[$0]
        }
        self.factors = factors
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
