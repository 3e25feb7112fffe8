import Tensors
import Testing

@testable import ModelGraph

@Suite("ModelGraph(weights:) of EfficientNets")
struct EfficientNetImportTests {
    private func graph(of tensors: [String: DenseTensor], origin: EfficientNetOrigin? = nil) throws -> ModelGraph {
        try withFile(Array(try SafetensorsFile.encode(tensors))) {
            try ModelGraph(weights: try WeightsFile(path: $0), origin: origin)
        }
    }

    private func expected(_ configuration: EfficientNetConfiguration, _ tensors: [String: DenseTensor]) -> ModelGraph {
        configuration.blueprint.graph { tensors[$0.name] ?? DenseTensor(shape: [], elements: []) }
    }

    @Test("timm's names give torch's network, or TensorFlow's where that is asked for")
    func timm() throws {
        var configuration = SmallNetworks.efficientNet
        let tensors = SmallNetworks.tensors(of: configuration.blueprint)
        #expect(try graph(of: tensors) == expected(configuration, tensors))
        (configuration.origin, configuration.epsilon) = (.tensorFlow, 1e-3)
        #expect(try graph(of: tensors, origin: .tensorFlow) == expected(configuration, tensors))
    }

    @Test("torchvision's names give the same graph, whatever the origin")
    func torchvision() throws {
        let tensors = SmallNetworks.tensors(of: SmallNetworks.efficientNet.blueprint)
        let renamed = Dictionary(uniqueKeysWithValues: tensors.map { (Self.torchvisionName($0.key), $0.value) })
        #expect(renamed["features.2.0.block.3.1.running_var"] != nil && renamed["features.1.0.block.1.fc2.bias"] != nil)
        #expect(try graph(of: renamed) == (try graph(of: tensors)))
        #expect(try graph(of: renamed, origin: .tensorFlow) == (try graph(of: tensors)))
    }

    @Test("EfficientNet-PyTorch's names give TensorFlow's network")
    func efficientNetPyTorch() throws {
        for hasGates in [true, false] {
            var configuration = SmallNetworks.efficientNet
            if !hasGates {
                configuration = EfficientNetConfiguration.scaled(.lite, width: 0.1, depth: 1, origin: .torch)
            }
            (configuration.origin, configuration.epsilon) = (.tensorFlow, 1e-3)
            let tensors = SmallNetworks.tensors(of: configuration.blueprint)
            let depths = configuration.stages.map(\.squeezes.count)
            var renamed = Dictionary(
                uniqueKeysWithValues: tensors.map { (Self.packageName($0.key, depths: depths), $0.value) })
            #expect(
                renamed["_blocks.15._bn2.weight"] != nil && (renamed["_blocks.3._se_reduce.bias"] != nil) == hasGates)
            #expect(try graph(of: renamed) == expected(configuration, tensors))
            renamed["_blocks.3._se_reduce.scale"] = DenseTensor(shape: [1], elements: [0])
            let error = #expect(throws: InputError.self) { try graph(of: renamed) }
            #expect(error?.description.contains("_blocks.3._se_reduce.scale [1] is not part of it") == true)
        }
    }

    @Test("MobileNetV2 is known by its 3x3 kernels")
    func mobileNetV2() throws {
        var configuration = EfficientNetConfiguration.scaled(.mobileNetV2, width: 0.2, depth: 1.5, origin: .torch)
        configuration.classes = 3
        let tensors = SmallNetworks.tensors(of: configuration.blueprint)
        let graph = try graph(of: tensors)
        #expect(graph == expected(configuration, tensors) && graph.architecture.hasPrefix("mobilenetv2 ["))
    }

    @Test("Any one tensor missing or of another shape is seen, never a trap")
    func everyMisfit() throws {
        let requirements = SmallNetworks.efficientNet.blueprint.requirements
        let all = Dictionary(uniqueKeysWithValues: requirements.map { ($0.name, $0.shape) })
        for name in all.keys where !name.hasPrefix("classifier.") {
            let wrong = [nil, [0], [], [0, 0, 0, 0], [1, 1, 7, 7], [1 << 60, 0, 1, 1], [1 << 40, 1 << 20, 1, 1]]
            for shape in wrong where shape != all[name] {
                var shapes = all
                shapes[name] = shape
                let found = EfficientNetConfiguration(shapes: shapes, origin: .torch)?.blueprint.requirements
                let needed = Dictionary(uniqueKeysWithValues: (found ?? []).map { ($0.name, $0.shape) })
                #expect(needed != shapes, "\(name) \(shape ?? [])")
            }
        }
    }

    @Test("A file that lacks a tensor is refused, with the file's own name for one of another shape")
    func misfits() throws {
        let all = SmallNetworks.tensors(of: SmallNetworks.efficientNet.blueprint)
        for name in ["conv_stem.weight", "bn2.bias", "blocks.3.1.se.conv_expand.bias", "blocks.6.0.conv_pwl.weight"] {
            var tensors = all
            tensors[name] = nil
            #expect(throws: InputError.self, "\(name)") { try graph(of: tensors) }
        }
        var renamed = Dictionary(uniqueKeysWithValues: all.map { (Self.torchvisionName($0.key), $0.value) })
        renamed["features.2.1.block.2.fc1.bias"] = DenseTensor(shape: [1, 1], elements: [0])
        let error = #expect(throws: InputError.self) { try graph(of: renamed) }
        #expect(error?.description.contains("features.2.1.block.2.fc1.bias expected [2] found [1, 1]") == true)
    }

    @Test("MnasNet, whose tensors have the same names, is refused with its kernels and expansions")
    func lookalikes() throws {
        var tensors = SmallNetworks.tensors(
            of: EfficientNetConfiguration.scaled(.lite, width: 0.1, depth: 1, origin: .torch).blueprint)
        tensors["blocks.1.0.conv_dw.weight"] = DenseTensor(
            shape: [48, 1, 5, 5], elements: [Float](repeating: 1, count: 48 * 25))
        let error = #expect(throws: InputError.self) { try graph(of: tensors) }
        #expect(
            error?.description.contains("blocks.1.0.conv_dw.weight expected [48, 1, 3, 3] found [48, 1, 5, 5]") == true)
    }

    /// The name that torchvision has for a tensor of timm's.
    private static func torchvisionName(_ name: String) -> String {
        var parts = name.split(separator: ".").map(String.init)
        let leaf = parts.removeLast()
        let outer = [
            "conv_stem": "features.0.0", "bn1": "features.0.1", "conv_head": "features.8.0", "bn2": "features.8.1",
            "classifier": "classifier.1",
        ]
        guard parts[0] == "blocks", let stage = Int(parts[1]) else { return "\(outer[parts[0]] ?? "").\(leaf)" }
        let expanded = [
            "conv_pw": "0.0", "bn1": "0.1", "conv_dw": "1.0", "bn2": "1.1", "se.conv_reduce": "2.fc1",
            "se.conv_expand": "2.fc2", "conv_pwl": "3.0", "bn3": "3.1",
        ]
        let first = [
            "conv_dw": "0.0", "bn1": "0.1", "se.conv_reduce": "1.fc1", "se.conv_expand": "1.fc2", "conv_pw": "2.0",
            "bn2": "2.1",
        ]
        let layer = (stage == 0 ? first : expanded)[parts[3...].joined(separator: ".")] ?? ""
        return "features.\(stage + 1).\(parts[2]).block.\(layer).\(leaf)"
    }

    /// The name that EfficientNet-PyTorch has for a tensor of timm's.
    private static func packageName(_ name: String, depths: [Int]) -> String {
        var parts = name.split(separator: ".").map(String.init)
        let leaf = parts.removeLast()
        let outer = [
            "conv_stem": "_conv_stem", "bn1": "_bn0", "conv_head": "_conv_head", "bn2": "_bn1", "classifier": "_fc",
        ]
        guard parts[0] == "blocks", let stage = Int(parts[1]), let block = Int(parts[2]) else {
            return "\(outer[parts[0]] ?? "").\(leaf)"
        }
        let expanded = [
            "conv_pw": "_expand_conv", "bn1": "_bn0", "conv_dw": "_depthwise_conv", "bn2": "_bn1",
            "se.conv_reduce": "_se_reduce", "se.conv_expand": "_se_expand", "conv_pwl": "_project_conv", "bn3": "_bn2",
        ]
        let first = [
            "conv_dw": "_depthwise_conv", "bn1": "_bn1", "se.conv_reduce": "_se_reduce",
            "se.conv_expand": "_se_expand", "conv_pw": "_project_conv", "bn2": "_bn2",
        ]
        let layer = (stage == 0 ? first : expanded)[parts[3...].joined(separator: ".")] ?? ""
        return "_blocks.\(depths[..<stage].reduce(0, +) + block).\(layer).\(leaf)"
    }
}
