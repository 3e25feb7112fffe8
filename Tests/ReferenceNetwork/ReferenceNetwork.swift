public import ModelGraph
public import Tensors

/// The naive twin of compiled backbones: every layer on its own, plain loops, double precision, one picture at a time.
public struct ReferenceNetwork {
    private let graph: ModelGraph
    private let height, width: Int

    /// The twin of `graph` for pictures of `height` x `width`.
    public init(graph: ModelGraph, height: Int, width: Int) {
        (self.graph, self.height, self.width) = (graph, height, width)
    }

    /// The results of every layer for one picture, `[channels, height, width]` values each, by layer name.
    public func results(for picture: [Float]) throws -> [String: [Double]] {
        let shapes = try graph.shapes(height: height, width: width)
        var results = [ModelGraph.inputName: picture.map(Double.init)]
        for layer in graph.layers {
            let inputs = try layer.inputs.map { name in
                guard let values = results[name], let shape = shapes[name] else { throw InputError(name, "missing") }
                return ReferenceMap(values: values, shape: shape)
            }
            guard let output = shapes[layer.name] else { throw InputError(layer.name, "has no shape") }
            results[layer.name] = layer.operation.reference(
                inputs, to: ReferenceMap(values: [], shape: output))
        }
        return results
    }

    /// The last layer's results for each picture of a batch, one row a picture.
    public func outputs(of batch: Tensor4) throws -> [[Double]] {
        try (0..<batch.count).map { index in
            let picture = batch.elements[index * batch.elementsPerItem..<(index + 1) * batch.elementsPerItem]
            return try results(for: Array(picture))[graph.outputName] ?? []
        }
    }
}

/// The values of one layer for one picture.
struct ReferenceMap {
    let values: [Double]
    let channels, height, width: Int

    init(values: [Double], shape: FeatureShape) {
        self.values = values
        switch shape {
        case .map(let channels, let height, let width):
            (self.channels, self.height, self.width) = (channels, height, width)
        case .vector(let length): (channels, height, width) = (length, 1, 1)
        }
    }

    /// The value at a position; where a dimension has one value only, that, wherever it is asked for.
    func spread(_ channel: Int, _ row: Int, _ column: Int) -> Double {
        value(channels == 1 ? 0 : channel, height == 1 ? 0 : row, width == 1 ? 0 : column) ?? .nan
    }

    /// The value at a position, or nil in the padding.
    func value(_ channel: Int, _ row: Int, _ column: Int) -> Double? {
        guard row >= 0, row < height, column >= 0, column < width else { return nil }
        return values[(channel * height + row) * width + column]
    }

    /// The values of one channel.
    func channel(_ index: Int) -> [Double] { Array(values[index * height * width..<(index + 1) * height * width]) }

    /// What `body` gives at every position of a map of this size, channel by channel.
    func filled(_ body: (Int, Int, Int) -> Double) -> [Double] {
        (0..<channels).flatMap { channel in
            (0..<height).flatMap { row in (0..<width).map { body(channel, row, $0) } }
        }
    }
}
