import Backbones
import GoldenData
import ModelGraph
import Tensors
import Testing

@Suite("Features equal PyTorch's", .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
struct GoldenNetworkTests {
    static let networks = ["resnet18-narrow", "resnet50-narrow", "resnext50-narrow"]

    private func graph(_ name: String, _ form: String = "safetensors") throws -> ModelGraph {
        try ModelGraph(weights: try WeightsFile(path: try GoldenData.path("models/\(name).\(form)")))
    }

    /// How far `graph` is from the array `key` of the network called `name`, relative to the array's largest magnitude.
    private func difference(_ graph: ModelGraph, _ key: String, _ name: String) throws -> Double {
        let input = try GoldenData.array("input", in: "models/\(name).npz")
        let expected = try GoldenData.array(key, in: "models/\(name).npz")
        let batch = Tensor4(
            count: input.shape[0], channels: input.shape[1], height: input.shape[2], width: input.shape[3],
            elements: input.elements)
        let backbone = try OneDNNBackbone(
            graph: graph, height: batch.height, width: batch.width, batchSize: 2, threads: 1)
        let length = expected.elements.count / batch.count
        let rows = (0..<batch.count).map { expected.elements[$0 * length..<($0 + 1) * length].map(Double.init) }
        return relativeDifference(try backbone.features(of: batch), rows)
    }

    @Test("after each stage", arguments: networks, ["layer1", "layer2", "layer3", "layer4"])
    func stages(name: String, stage: String) throws {
        let graph = try graph(name)
        let last = try #require(graph.layers.last { $0.name.hasPrefix(stage + ".") })
        let cut = ModelGraph(
            architecture: name, layers: graph.layers + [Layer("map", .flatten, inputs: [last.name])])
        #expect(try difference(cut, stage, name) < 1e-5)
    }

    @Test("after pooling, from every form that the weights come in", arguments: networks)
    func features(name: String) throws {
        for form in ["safetensors", "pth", "legacy.pth", "hf.safetensors", "fp16.safetensors"] {
            let graph = try Tailor(try graph(name, form)).cut().graph
            let difference = try difference(graph, "features", name)
            #expect(difference < (form.hasPrefix("fp16") ? 5e-3 : 1e-5), "\(form): \(difference)")
        }
    }

    @Test("after generalized-mean pooling, and after the classifier", arguments: networks)
    func heads(name: String) throws {
        let graph = try graph(name)
        let last = try #require(graph.layers.last { $0.name.hasPrefix("layer4.") })
        #expect(try difference(try Tailor(graph).cut(after: last.name, pool: .gem).graph, "gem3", name) < 1e-5)
        #expect(try difference(graph, "logits", name) < 1e-5)
    }
}
