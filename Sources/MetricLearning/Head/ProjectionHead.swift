public import Tensors

/// Finetuner's projection head (jina-ai/finetuner 0.4, `tailor/pytorch/projection_head.py`; three layers as its
/// documentation says): `layerCount - 1` times Linear(d, d), BatchNorm1d, ReLU, then Linear(d, out), BatchNorm1d.
/// Linear layers have no bias; batch normalization is PyTorch's with eps 1e-5 and momentum 0.1.
public struct ProjectionHead: TrainableHead, Hashable {
    /// The width of the features and of every hidden layer.
    public let inputDimension: Int
    /// The width of the embeddings.
    public let outputDimension: Int
    /// The number of linear layers, at least 1.
    public let layerCount: Int
    /// Three for each layer, as `torch.nn.Module.parameters()` orders them: the linear weight `[out, in]`, then the scale
    /// and the shift of its batch normalization, `[1, out]` each.
    public var parameters: [Matrix]

    /// The mean and variance of every layer's outputs that inference uses.
    var statistics: [RunningStatistics]
    /// How many batches the running statistics have seen.
    var batchesTracked = 0

    /// A fresh head. Weights are drawn as `torch.nn.Linear` draws them, uniformly from ±1/sqrt(in) (He et al. 2015 with
    /// a = sqrt 5); scales are 1, shifts 0, running means 0, running variances 1. The same seed gives the same head.
    public init(inputDimension: Int, outputDimension: Int, layerCount: Int = 3, seed: UInt64) {
        precondition(
            inputDimension > 0 && outputDimension > 0 && layerCount > 0,
            "a head from \(inputDimension) to \(outputDimension) dimensions in \(layerCount) layers")
        var generator = SeededGenerator(seed: seed, stream: Self.initializationStream)
        let bound = 1 / Float(inputDimension).squareRoot()
        let widths = Self.widths(inputDimension, outputDimension, layerCount)
        let parameters = widths.flatMap { width in
            let weights = (0..<width * inputDimension).map { _ in generator.uniform(-bound, bound) }
            return [
                Matrix(rows: width, columns: inputDimension, elements: weights),
                Matrix(rows: 1, columns: width, repeating: 1),
                Matrix(rows: 1, columns: width),
            ]
        }
        self.init(parameters: parameters, statistics: widths.map { RunningStatistics(width: $0) }, batchesTracked: 0)
    }

    /// A head from its parts, whose shapes must fit together.
    init(parameters: [Matrix], statistics: [RunningStatistics], batchesTracked: Int) {
        precondition(
            !statistics.isEmpty && parameters.count == 3 * statistics.count,
            "\(parameters.count) parameters and \(statistics.count) running statistics")
        inputDimension = parameters[0].columns
        outputDimension = parameters[parameters.count - 3].rows
        layerCount = statistics.count
        self.parameters = parameters
        self.statistics = statistics
        self.batchesTracked = batchesTracked
    }

    /// The output width of every layer.
    var widths: [Int] { Self.widths(inputDimension, outputDimension, layerCount) }

    private static func widths(_ input: Int, _ output: Int, _ layers: Int) -> [Int] {
        [Int](repeating: input, count: layers - 1) + [output]
    }

    func weight(_ layer: Int) -> Matrix { parameters[3 * layer] }
    func scale(_ layer: Int) -> Matrix { parameters[3 * layer + 1] }
    func shift(_ layer: Int) -> Matrix { parameters[3 * layer + 2] }
    func isRectified(_ layer: Int) -> Bool { layer < layerCount - 1 }

    /// Keeps the initial weights independent of other random choices that start from the same seed.
    private static let initializationStream: UInt64 = 1
}

extension ProjectionHead {
    /// Rows that inference takes at a time: enough for fast products, few enough that memory stays flat.
    private static let rowsPerBlock = 1024

    /// The embeddings of `features`, `[count, inputDimension]`, with the running statistics: `[count, outputDimension]`.
    /// They are not normalized to unit length.
    public func embeddings(of features: Matrix) -> Matrix {
        checkWidth(of: features)
        let normalizations = (0..<layerCount).map { layer in
            AffineColumns(statistics[layer], scale: scale(layer), shift: shift(layer))
        }
        return Matrix(rows: features.rows, columns: outputDimension) { target in
            for start in stride(from: 0, to: features.rows, by: Self.rowsPerBlock) {
                let rows = start..<min(start + Self.rowsPerBlock, features.rows)
                var values = features.rows(in: rows)
                for layer in 0..<layerCount {
                    values = values.multiplied(by: weight(layer), .plain, .transposed)
                    normalizations[layer].apply(to: &values, rectified: isRectified(layer))
                }
                let place = rows.lowerBound * outputDimension..<rows.upperBound * outputDimension
                _ = values.withUnsafeElements { target.extracting(place).update(from: $0) }
            }
        }
    }

    func checkWidth(of features: Matrix) {
        precondition(
            features.columns == inputDimension,
            "features [\(features.rows), \(features.columns)] for a head with the input [*, \(inputDimension)]")
    }
}
