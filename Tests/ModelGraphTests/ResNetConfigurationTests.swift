import Tensors
import Testing

@testable import ModelGraph

@Suite("ResNetConfiguration")
struct ResNetConfigurationTests {
    @Test("Every standard network is known again by its shapes, whatever its number of classes")
    func standardNetworks() throws {
        for (name, configuration) in ResNetConfiguration.standard {
            for classes in [1000, 7, nil] {
                var own = configuration
                own.classes = classes
                let shapes = Dictionary(uniqueKeysWithValues: own.blueprint.requirements.map { ($0.name, $0.shape) })
                #expect(ResNetConfiguration(shapes: shapes) == own)
                #expect(own.name == name)
            }
        }
    }

    @Test("Standard networks have as many parameters as torchvision's")
    func parameterCounts() throws {
        // torchvision's documentation, "num_params" of each weights entry.
        let published = [
            "resnet18": 11_689_512, "resnet34": 21_797_672, "resnet50": 25_557_032, "resnext50_32x4d": 25_028_904,
            "wide_resnet50_2": 68_883_240,
        ]
        for (name, configuration) in ResNetConfiguration.standard {
            guard let expected = published[name] else { continue }
            let counted = configuration.blueprint.requirements.filter { !$0.name.contains("running_") }
            #expect(counted.reduce(0) { $0 + $1.shape.reduce(1, *) } == expected, "\(name)")
        }
    }

    @Test("Stems, shortcuts and gates of timm's variants are read, and give timm's names and numbers of parameters")
    func variants() throws {
        // Sums over timm 1.0's parameters.
        let published = ["resnet18d": 11_708_744, "resnet50d": 25_576_264, "seresnet50": 28_088_024]
        for (name, configuration) in ResNetConfiguration.standard.prefix(3) {
            for deep in [false, true] {
                for gated in [false, true] {
                    var own = configuration
                    (own.deepStem, own.averagesShortcuts) = deep ? ([32, 32], true) : ([], false)
                    for stage in own.stages.indices where gated {
                        own.stages[stage].squeeze = own.stages[stage].outputs / 16
                    }
                    let needed = own.blueprint.requirements
                    let shapes = Dictionary(uniqueKeysWithValues: needed.map { ($0.name, $0.shape) })
                    #expect(ResNetConfiguration(shapes: shapes) == own)
                    #expect(own.name == (gated ? "se" : "") + name + (deep ? "d" : ""))
                    let counted = needed.filter { !$0.name.contains("running_") }
                    guard let expected = published[own.name] else { continue }
                    #expect(counted.reduce(0) { $0 + $1.shape.reduce(1, *) } == expected, "\(own.name)")
                }
            }
        }
    }

    @Test("Any one tensor of an SE-ResNet-D missing or of another shape is seen, never a trap")
    func everyMisfit() {
        let requirements = SmallNetworks.gated.blueprint.requirements
        let all = Dictionary(uniqueKeysWithValues: requirements.map { ($0.name, $0.shape) })
        for name in all.keys where !name.hasPrefix("fc.") {
            let wrong = [nil, [0], [], [0, 0, 0, 0], [1, 1, 7, 7], [1 << 60, 0, 1, 1], [1 << 40, 1 << 20, 1, 1]]
            for shape in wrong where shape != all[name] {
                var shapes = all
                shapes[name] = shape
                let found = ResNetConfiguration(shapes: shapes)?.blueprint.requirements
                let needed = Dictionary(uniqueKeysWithValues: (found ?? []).map { ($0.name, $0.shape) })
                #expect(needed != shapes, "\(name) \(shape ?? [])")
            }
        }
    }

    @Test("Layers of an SE-ResNet-D have timm's names")
    func gatedLayerNames() {
        let names = SmallNetworks.gated.blueprint.layers.map(\.name)
        #expect(names.prefix(3) == ["conv1.0", "conv1.1", "conv1.2"])
        #expect(!names.contains("layer1.0.downsample.0") && names.contains("layer1.0.downsample.2"))
        let gate = ["pool", "fc1", "act", "fc2", "gate", "multiply"].map { "layer2.0.se." + $0 }
        let start = names.firstIndex(of: gate[0]) ?? 0
        #expect(names[start..<start + 6] == ArraySlice(gate))
        #expect(names[(start + 6)...].prefix(3) == ["0", "1", "2"].map { "layer2.0.downsample." + $0 }[...])
    }

    @Test("Other networks are described")
    func description() {
        #expect(
            SmallNetworks.grouped.name
                == "bottleneck resnet [2, 2, 2, 2], stem 4, widths [4, 8, 8, 12], outputs [8, 16, 16, 24], 2 groups")
        #expect(SmallNetworks.gated.name.hasSuffix(", deep stem [4, 5], averaging shortcuts, gates [3, 3, 3, 3]"))
    }

    @Test("Layers have the names of torchvision's feature extraction")
    func layerNames() throws {
        let names = SmallNetworks.grouped.blueprint.layers.map(\.name)
        #expect(names.prefix(4) == ["conv1", "bn1", "relu", "maxpool"])
        let block = [
            "conv1", "bn1", "relu", "conv2", "bn2", "relu_1", "conv3", "bn3", "downsample.0", "downsample.1", "add",
            "relu_2",
        ]
        #expect(names[4..<16] == ArraySlice(block.map { "layer1.0." + $0 }))
        #expect(names.suffix(3) == ["layer4.1.relu_2", "avgpool", "flatten"])
        let basic = SmallNetworks.basic.blueprint.layers.map(\.name)
        #expect(basic.contains("layer2.0.downsample.1") && !basic.contains("layer1.0.downsample.0"))
        #expect(basic.suffix(4) == ["layer4.0.relu_1", "avgpool", "flatten", "fc"])
    }

    @Test("A claim of absurdly many blocks is not believed")
    func absurdBlocks() {
        var shapes = Dictionary(
            uniqueKeysWithValues: SmallNetworks.basic.blueprint.requirements.map { ($0.name, $0.shape) })
        shapes["layer1.999999999999.conv1.weight"] = [4, 4, 3, 3]
        #expect(ResNetConfiguration(shapes: shapes) == SmallNetworks.basic)
    }
}
