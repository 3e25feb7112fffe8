import FeatureStorage
public import Foundation
import ImageInput
import MetricLearning
import ModelGraph
import Tensors

/// What turns pictures into embeddings, as an ONNX file: the frozen network up to its cut, pooling, the head and the division by the
/// length; or the head alone, for features.
public struct EmbeddingModelExport {
    private let source: EmbeddingSource
    private let labels: [String]

    /// The file's input and output.
    public static let (pictures, features, embedding) = ("pictures", "features", "embedding")
    private static let prefix = "finetuner-cache."

    /// A file for `source`; `labels` are those of the pictures that the store has, which travel with it.
    public init(_ source: EmbeddingSource, labels: [String]) { (self.source, self.labels) = (source, labels) }

    /// The whole model for normalized pictures, `pictures` of shape `[batch, 3, height, width]`: `embedding` has unit length. `model` is
    /// the network of the space. Throws `InputError` where ONNX has no operator for a layer.
    public func whole(_ model: FrozenModel) throws -> Data {
        let preprocessor = model.preprocessor
        let (height, width) = (preprocessor.cropHeight, preprocessor.cropWidth)
        var writer = ONNXModelWriter(name: source.space.name)
        let input = writer.input(Self.pictures, dimensions: [model.graph.inputChannels, height, width])
        let features = try writer.append(model.graph, to: input, height: height, width: width)
        finish(&writer, features)
        let settings = try String(decoding: CanonicalJSON.encode(preprocessor), as: UTF8.self)
        return try writer.encoded(metadata: metadata(["preprocessing": settings]))
    }

    /// The head alone, for raw features, `features` of shape `[batch, dimension]`. Throws `InputError` where it is too large.
    public func headAlone() throws -> Data {
        var writer = ONNXModelWriter(name: source.head.name)
        finish(&writer, writer.input(Self.features, dimensions: [source.space.dimension]))
        return try writer.encoded(metadata: metadata([:]))
    }

    private func finish(_ writer: inout ONNXModelWriter, _ features: String) {
        let embedding = source.head.loaded.map { Self.append($0.head, to: features, &writer) } ?? features
        let unit = writer.normalized(embedding, named: "unit")
        writer.output(unit, as: Self.embedding, dimensions: [source.dimension])
    }

    private static func append(_ head: ProjectionHead, to features: String, _ writer: inout ONNXModelWriter) -> String {
        guard let shortcut = head.shortcut else { return append(head.inferenceLayers, to: features, &writer) }
        let unit = writer.normalized(features, named: "head.input")
        let centered = writer.subtracting(shortcut.mean.elements, from: unit, named: "head.centered")
        let projected = writer.linear(centered, weight: shortcut.projection, named: "head.projection")
        let layers = head.inferenceLayers
        guard !layers.isEmpty else { return projected }
        let correction = append(layers, to: centered, &writer)
        return writer.adding(correction, times: shortcut.residualWeight, to: projected, named: "head.sum")
    }

    private static func append(_ layers: [InferenceLayer], to value: String, _ writer: inout ONNXModelWriter) -> String
    {
        layers.enumerated().reduce(value) { value, layer in
            let (number, layer) = layer
            let product = writer.linear(value, weight: layer.weight, bias: layer.bias, named: "head.\(number)")
            return layer.isRectified ? writer.rectified(product, named: "head.\(number).relu") : product
        }
    }

    private func metadata(_ more: [String: String]) throws -> [String: String] {
        var facts = [
            "space": source.space.fingerprint.hex, "space.name": source.space.name, "head": source.head.name,
            "labels": String(decoding: try CanonicalJSON.encode(labels), as: UTF8.self),
        ].merging(more) { first, _ in first }
        facts["head.sha256"] = source.head.loaded?.file.hex
        return Dictionary(uniqueKeysWithValues: facts.map { (Self.prefix + $0, $1) })
    }
}
