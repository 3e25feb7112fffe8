import Backbones
import Foundation
import GoldenData
import ModelGraph
import Tensors
import Testing

@Suite(
    "Networks from ONNX files give PyTorch's numbers",
    .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
struct GoldenONNXTests {
    static let files = ["resnet18-narrow", "resnet50-narrow", "resnext50-narrow"].flatMap {
        ["\($0).onnx", "\($0).nofold.onnx"]
    }

    @Test("every stage, with batch normalization folded by the exporter and not", arguments: files)
    func stages(file: String) throws {
        let arrays = "models/\(file.prefix { $0 != "." }).npz"
        let input = try GoldenData.array("input", in: arrays)
        let (height, width) = (input.shape[2], input.shape[3])
        let batch = Tensor4(count: input.shape[0], channels: 3, height: height, width: width, elements: input.elements)
        let network = try NetworkFile(path: try GoldenData.path("models/\(file)"))
        let graph = try network.graph(height: height, width: width)
        let tailor = Tailor(graph)
        for (cut, key) in [("layer1", "layer1"), ("layer4", "layer4"), (nil, "features"), (graph.outputName, "logits")]
        {
            let expected = try GoldenData.array(key, in: arrays)
            var tailored = try tailor.cut(after: cut).graph
            if expected.shape.count == 4, let cut {
                // The whole map, not its mean.
                let last = try tailor.cut(after: cut).cut
                let kept = tailored.layers.prefix { $0.name != last } + tailored.layers.filter { $0.name == last }
                tailored = ModelGraph(
                    architecture: "map", layers: kept + [Layer("vector", .flatten, inputs: [last])])
            }
            let backbone = try OneDNNBackbone(graph: tailored, height: height, width: width, batchSize: 2, threads: 1)
            let features = try backbone.features(of: batch)
            let scale = expected.elements.map(abs).max() ?? 1
            let found = (0..<features.rows).flatMap { Array(features.row($0)) }
            try #require(found.count == expected.elements.count, "\(key): \(found.count) values")
            let worst = zip(found, expected.elements).map { abs($0 - $1) }.max() ?? .infinity
            #expect(worst / scale < 1e-4, "\(key): \(worst / scale)")
        }
    }
}
