public import Tensors

/// A head from frozen features to embeddings: trainable layers, behind a fixed shortcut or alone.
///
/// Alone, three layers are Finetuner's projection head (jina-ai/finetuner 0.4, `tailor/pytorch/projection_head.py`): twice
/// Linear(d, d), BatchNorm1d, ReLU, then Linear(d, out), BatchNorm1d; linear layers without bias, batch normalization as
/// PyTorch's with eps 1e-5 and momentum 0.1. With neither layers nor a shortcut it returns the features as they are.
public struct ProjectionHead: TrainableHead, Hashable {
    /// The width of the features.
    public let inputDimension: Int
    /// The width of the embeddings.
    public let outputDimension: Int
    /// The form of the trainable layers.
    public let architecture: HeadArchitecture
    /// What the trainable layers correct; nil where they stand alone.
    public let shortcut: Shortcut?
    /// What is trained: for each layer, as `torch.nn.Module.parameters()` orders them, the weight `[out, in]`, the bias
    /// `[1, out]` where there is one, and the scale and the shift of batch normalization, `[1, out]` each.
    public var parameters: [Matrix]

    /// The layers, without their parameters.
    var layers: [HeadLayer]
    /// How many batches the running statistics have seen.
    var batchesTracked = 0
    /// Decides which activations dropout sets to 0.
    let dropoutSeed: UInt64

    /// The number of linear layers.
    public var layerCount: Int { layers.count }

    /// A fresh head. Weights are drawn as `torch.nn.Linear` draws them, uniformly from ±1/sqrt(in) (He et al. 2015 with
    /// a = sqrt 5), biases too; scales are 1, shifts 0, running means 0, running variances 1. Behind a shortcut the last
    /// scale is 0 (without batch normalization, the last weight and bias), so that the layers begin with 0. The same seed
    /// gives the same head.
    public init(
        inputDimension: Int, outputDimension: Int, architecture: HeadArchitecture = HeadArchitecture(),
        shortcut: Shortcut? = nil, seed: UInt64
    ) {
        precondition(
            inputDimension > 0 && outputDimension > 0 && architecture.layers >= 0,
            "a head from \(inputDimension) to \(outputDimension) dimensions in \(architecture.layers) layers")
        var generator = SeededGenerator(seed: seed, stream: Self.initializationStream)
        let layers = HeadLayer.layers(architecture, from: inputDimension, to: outputDimension)
        let parameters = layers.enumerated().flatMap { index, layer in
            let isZero = shortcut != nil && index == layers.count - 1
            return layer.freshParameters(isZero: isZero, &generator)
        }
        self.init(
            inputDimension: inputDimension, outputDimension: outputDimension, architecture: architecture,
            shortcut: shortcut, layers: layers, parameters: parameters,
            dropoutSeed: architecture.dropout > 0 ? seed : 0)
    }

    /// A head of three layers, or as many as given.
    public init(inputDimension: Int, outputDimension: Int, layerCount: Int, seed: UInt64) {
        var architecture = HeadArchitecture()
        architecture.layers = layerCount
        self.init(
            inputDimension: inputDimension, outputDimension: outputDimension, architecture: architecture, seed: seed)
    }

    /// A head that returns features of `dimension` values as they are.
    public init(passingThrough dimension: Int) {
        var architecture = HeadArchitecture()
        architecture.layers = 0
        self.init(inputDimension: dimension, outputDimension: dimension, architecture: architecture, seed: 0)
    }

    /// A head from its parts, whose shapes must fit together.
    init(
        inputDimension: Int, outputDimension: Int, architecture: HeadArchitecture, shortcut: Shortcut?,
        layers: [HeadLayer], parameters: [Matrix], batchesTracked: Int = 0, dropoutSeed: UInt64 = 0
    ) {
        precondition(
            parameters.count == layers.reduce(0) { $0 + $1.parameterCount },
            "\(parameters.count) parameters for \(layers.count) layers")
        precondition(
            shortcut.map { $0.projection.rows == outputDimension && $0.projection.columns == inputDimension } ?? true,
            "a shortcut that is not from \(inputDimension) to \(outputDimension) dimensions")
        precondition(
            shortcut != nil || !layers.isEmpty || inputDimension == outputDimension,
            "nothing leads from \(inputDimension) to \(outputDimension) dimensions")
        self.inputDimension = inputDimension
        self.outputDimension = outputDimension
        self.architecture = architecture
        self.shortcut = shortcut
        self.layers = layers
        self.parameters = parameters
        self.batchesTracked = batchesTracked
        self.dropoutSeed = dropoutSeed
    }

    /// The head without its trainable layers: the shortcut alone, or the features as they are.
    public var withoutLayers: ProjectionHead {
        guard let shortcut else { return ProjectionHead(passingThrough: inputDimension) }
        var architecture = architecture
        architecture.layers = 0
        return ProjectionHead(
            inputDimension: inputDimension, outputDimension: outputDimension, architecture: architecture,
            shortcut: shortcut, seed: 0)
    }

    func weight(_ layer: Int) -> Matrix { parameters[layers[layer].weight] }

    /// Keeps the initial weights independent of other random choices that start from the same seed.
    private static let initializationStream: UInt64 = 1

    func checkWidth(of features: Matrix) {
        precondition(
            features.columns == inputDimension,
            "features [\(features.rows), \(features.columns)] for a head with the input [*, \(inputDimension)]")
    }
}

extension HeadLayer {
    /// The parameters of a new layer in their order; `isZero` where it has to return 0.
    fileprivate func freshParameters(isZero: Bool, _ generator: inout SeededGenerator) -> [Matrix] {
        let bound = isZero && scale == nil ? 0 : 1 / Float(inputs).squareRoot()
        func draw(_ rows: Int, _ columns: Int) -> Matrix {
            let values = (0..<rows * columns).map { _ in generator.uniform(-bound, bound) }
            return Matrix(rows: rows, columns: columns, elements: values)
        }
        var fresh = [draw(outputs, inputs)]
        if bias != nil { fresh.append(draw(1, outputs)) }
        if scale != nil {
            fresh.append(Matrix(rows: 1, columns: outputs, repeating: isZero ? 0 : 1))
            fresh.append(Matrix(rows: 1, columns: outputs))
        }
        return fresh
    }
}
