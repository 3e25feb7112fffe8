import Foundation
import GoldenData
import ReferenceNetwork
import Tensors
import Testing

@testable import ModelGraph

@Suite("ModelGraph(weights:)")
struct WeightsImportTests {
    private static let golden = ["resnet18-narrow", "resnet50-narrow", "resnext50-narrow"]

    @Test("A network's weights give its graph, with and without a classifier", arguments: [true, false])
    func roundTrip(_ isGrouped: Bool) throws {
        let blueprint = (isGrouped ? SmallNetworks.grouped : SmallNetworks.basic).blueprint
        let tensors = SmallNetworks.tensors(of: blueprint)
        let expected = blueprint.graph { tensors[$0.name] ?? DenseTensor(shape: [], elements: []) }
        let graph = try self.graph(of: tensors)
        #expect(graph == expected)
        #expect(graph.outputName == (isGrouped ? "flatten" : "fc"))
        #expect(graph.structureFingerprint == blueprint.skeleton().structureFingerprint)
    }

    @Test("A ResNet-D with gates is known, and a bias that is missing is named")
    func gated() throws {
        let blueprint = SmallNetworks.gated.blueprint
        var tensors = SmallNetworks.tensors(of: blueprint)
        let expected = blueprint.graph { tensors[$0.name] ?? DenseTensor(shape: [], elements: []) }
        #expect(try graph(of: tensors) == expected)
        tensors["layer2.1.se.fc2.bias"] = nil
        let error = #expect(throws: InputError.self) { try graph(of: tensors) }
        #expect(error?.fact.contains("layer2.1.se.fc2.bias expected [12] is missing") == true)
    }

    @Test("transformers' names and the Python package's give the same graph as the blueprint's own")
    func otherNames() throws {
        let tensors = SmallNetworks.tensors(of: SmallNetworks.grouped.blueprint)
        for prefix in ["resnet.", ""] {
            let renamed = Dictionary(
                uniqueKeysWithValues: tensors.map { (prefix + Self.transformersName($0.key), $0.value) })
            #expect(try graph(of: renamed) == (try graph(of: tensors)))
        }
    }

    @Test("num_batches_tracked may be there")
    func batchCounters() throws {
        var tensors = SmallNetworks.tensors(of: SmallNetworks.basic.blueprint)
        let graph = try graph(of: tensors)
        for name in tensors.keys where name.hasSuffix("running_var") {
            let counter = name.replacingOccurrences(of: "running_var", with: "num_batches_tracked")
            tensors[counter] = DenseTensor(shape: [], elements: [7])
        }
        #expect(try self.graph(of: tensors) == graph)
    }

    @Test("Missing, misshapen and left over tensors are listed with their shapes")
    func misfits() throws {
        let all = SmallNetworks.tensors(of: SmallNetworks.grouped.blueprint)
        var tensors = all
        tensors["layer2.1.bn2.bias"] = nil
        tensors["layer3.1.conv2.weight"] = DenseTensor(shape: [1, 2], elements: [0, 0])
        tensors["layer4.0.se.fc.weight"] = DenseTensor(shape: [1], elements: [0])
        let error = #expect(throws: InputError.self) { try graph(of: tensors) }
        let text = error?.description ?? ""
        #expect(text.contains("3 of \(all.count) tensors do not fit"), "\(text)")
        #expect(text.contains("layer2.1.bn2.bias expected [8] is missing"), "\(text)")
        #expect(text.contains("layer3.1.conv2.weight expected [8, 4, 3, 3] found [1, 2]"), "\(text)")
        #expect(text.contains("layer4.0.se.fc.weight [1] is not part of it"), "\(text)")
    }

    @Test("Any one tensor missing or of another shape is refused, never a trap")
    func everyMisfit() throws {
        let all = SmallNetworks.tensors(of: SmallNetworks.basic.blueprint)
        for name in all.keys where !name.hasPrefix("fc.") {
            var tensors = all
            tensors[name] = nil
            #expect(throws: InputError.self, "\(name)") { try graph(of: tensors) }
            for shape in [[0], [], [0, 0, 0, 0], [1, 1, 7, 7], [3, 0, 3, 3], [2, 3]] where shape != all[name]?.shape {
                tensors[name] = DenseTensor(shape: shape, elements: [Float](repeating: 0, count: shape.reduce(1, *)))
                #expect(throws: InputError.self, "\(name) \(shape)") { try graph(of: tensors) }
            }
        }
    }

    @Test("Weights of something else are refused with their first names")
    func unknown() throws {
        let tensors = ["features.0.weight": DenseTensor(shape: [1, 1], elements: [2])]
        let error = #expect(throws: InputError.self) { try graph(of: tensors) }
        #expect(error?.fact.contains("features.0.weight [1, 1]") == true)
        for known in ["ResNets", "ResNet-D", "EfficientNets", "EfficientNet-Lites", "MobileNetV2"] {
            #expect(error?.remedy.contains(known) == true)
        }
    }

    @Test(
        "All forms of a network give the same graph",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)), arguments: golden)
    func goldenForms(_ name: String) throws {
        let reference = try ModelGraph(
            weights: try WeightsFile(path: try GoldenData.path("models/\(name).safetensors")))
        for form in ["hf.safetensors", "pth", "legacy.pth", "fp16.safetensors"] {
            let graph = try ModelGraph(weights: try WeightsFile(path: try GoldenData.path("models/\(name).\(form)")))
            #expect(graph.structureFingerprint == reference.structureFingerprint, "\(form)")
            #expect((graph.tensorsFingerprint == reference.tensorsFingerprint) == !form.hasPrefix("fp16"), "\(form)")
            #expect(graph.layers.map(\.name) == reference.layers.map(\.name))
        }
    }

    @Test(
        "Every stage gives PyTorch's numbers",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)),
        arguments: golden)
    func goldenNumbers(_ name: String) throws {
        let arrays = "models/\(name).npz"
        let graph = try ModelGraph(weights: try WeightsFile(path: try GoldenData.path("models/\(name).pth")))
        let input = try GoldenData.array("input", in: arrays)
        let picture = Array(input.elements[..<(3 * 96 * 80)])
        var results = try ReferenceNetwork(graph: graph, height: 96, width: 80).results(for: picture)
        let pooled = try Tailor(graph).cut(after: "layer4", pool: .gem).graph
        let features = try ReferenceNetwork(graph: pooled, height: 96, width: 80).results(for: picture)
        results["gem3"] = features[pooled.outputName]
        let last = graph.layers.last { $0.name.hasPrefix("layer4.") }?.name
        let layers = ["layer1", "layer2", "layer3"].map { stage in
            (stage, graph.layers.last { $0.name.hasPrefix(stage + ".") }?.name)
        }
        for (key, layer) in layers + [("layer4", last), ("features", "flatten"), ("logits", "fc"), ("gem3", "gem3")] {
            let expected = try GoldenData.array(key, in: arrays).elements
            let found = results[layer ?? ""] ?? []
            let scale = expected.map(abs).max() ?? 1
            #expect(found.count * 2 == expected.count)
            let worst = zip(found, expected).map { abs($0 - Double($1)) }.max() ?? .infinity
            #expect(worst / Double(scale) < 1e-4, "\(key): \(worst / Double(scale))")
        }
    }

    private func graph(of tensors: [String: DenseTensor]) throws -> ModelGraph {
        try withFile(Array(try SafetensorsFile.encode(tensors))) { try ModelGraph(weights: try WeightsFile(path: $0)) }
    }

    /// The name that transformers' ResNetModel has for a tensor of torchvision's.
    static func transformersName(_ name: String) -> String {
        var parts = name.split(separator: ".").map(String.init)
        guard parts[0].hasPrefix("layer"), let stage = Int(parts[0].dropFirst(5)) else {
            return "embedder.embedder.\(parts[0] == "conv1" ? "convolution" : "normalization").\(parts[1])"
        }
        parts[0] = "encoder.stages.\(stage - 1).layers"
        let kind = parts[2].hasPrefix("conv") || parts[3] == "0" ? "convolution" : "normalization"
        if parts[2] == "downsample" { return "\(parts[0]).\(parts[1]).shortcut.\(kind).\(parts[4])" }
        let number = (parts[2].last?.wholeNumberValue ?? 0) - 1
        return "\(parts[0]).\(parts[1]).layer.\(number).\(kind).\(parts[3])"
    }
}
