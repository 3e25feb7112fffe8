import Tensors
import Testing

@testable import ModelGraph

@Suite("EfficientNetConfiguration")
struct EfficientNetConfigurationTests {
    @Test("Every standard network is known again by its shapes, whatever its number of classes")
    func standardNetworks() throws {
        #expect(EfficientNetConfiguration.standard.count == 13)
        for (name, configuration) in EfficientNetConfiguration.standard {
            for classes in [1000, 7, nil] {
                var own = configuration
                own.classes = classes
                let shapes = Dictionary(uniqueKeysWithValues: own.blueprint.requirements.map { ($0.name, $0.shape) })
                #expect(EfficientNetConfiguration(shapes: shapes, origin: own.origin) == own)
                #expect(own.name == name)
            }
        }
    }

    @Test("Standard networks have as many parameters as those of timm and torchvision")
    func parameterCounts() throws {
        // "num_params" of torchvision's weights entries, and sums over timm 1.0's tf_efficientnet_lite0, 1 and 4.
        let published = [
            "efficientnet-b0": 5_288_548, "efficientnet-b1": 7_794_184, "efficientnet-b2": 9_109_994,
            "efficientnet-b3": 12_233_232, "efficientnet-b4": 19_341_616, "efficientnet-b5": 30_389_784,
            "efficientnet-b6": 43_040_704, "efficientnet-b7": 66_347_960, "efficientnet-lite0": 4_652_008,
            "efficientnet-lite1": 5_416_680, "efficientnet-lite4": 13_006_568,
        ]
        for (name, configuration) in EfficientNetConfiguration.standard {
            guard let expected = published[name] else { continue }
            let counted = configuration.blueprint.requirements.filter { !$0.name.contains("running_") }
            #expect(counted.reduce(0) { $0 + $1.shape.reduce(1, *) } == expected, "\(name)")
        }
    }

    @Test("Lite0 halves the picture five times and has nine shortcuts, B0 a gate in every block besides")
    func geometry() throws {
        let lite = EfficientNetConfiguration.lite0.blueprint.skeleton()
        let shapes = try lite.shapes(height: 224, width: 224)
        #expect(shapes["act1"] == .map(channels: 32, height: 112, width: 112))
        #expect(shapes["blocks.6.0.bn3"] == .map(channels: 320, height: 7, width: 7))
        #expect(shapes["flatten"] == .vector(1280))
        #expect(lite.layers.filter { $0.operation == .add }.count == 9)
        let b0 = EfficientNetConfiguration.standard[0].configuration.blueprint.skeleton()
        #expect(b0.layers.filter { $0.operation == .arithmetic(.multiply) }.count == 16)
        #expect(try b0.shapes(height: 224, width: 224)["blocks.1.0.se.conv_reduce"]?.dimensions == [4, 1, 1])
    }

    @Test("Padding, epsilon and activation are those of the origin and the family")
    func constants() {
        for (family, activation) in [(EfficientNetConfiguration.Family.lite, Activation.relu6), (.efficientNet, .silu)]
        {
            for (origin, epsilon) in [(EfficientNetOrigin.torch, Float(1e-5)), (.tensorFlow, 1e-3)] {
                let own = EfficientNetConfiguration.scaled(family, width: 1, depth: 1, origin: origin)
                for layer in own.blueprint.skeleton().layers {
                    switch layer.operation {
                    case .convolution(let convolution) where convolution.window.height > 1:
                        let size = convolution.window.height
                        #expect(convolution.window.padding == (origin == .torch ? .all(size / 2) : .same))
                    case .batchNormalization(let norm): #expect(norm.epsilon == epsilon)
                    case .activation(let found): #expect(found == activation || found == .sigmoid)
                    default: continue
                    }
                }
            }
        }
    }

    @Test("torchvision has another epsilon in B5, B6 and B7 alone")
    func torchvisionEpsilon() {
        for (index, entry) in EfficientNetConfiguration.standard.prefix(8).enumerated() {
            var own = entry.configuration
            own.classes = 5
            #expect(own.inTorchvision.epsilon == (index >= 5 ? 1e-3 : 1e-5))
            #expect(own.inTorchvision.name == entry.name)
        }
    }

    @Test("Names tell size and origin")
    func names() {
        func name(_ family: EfficientNetConfiguration.Family, _ origin: EfficientNetOrigin) -> String {
            EfficientNetConfiguration.scaled(family, width: 1, depth: 1, origin: origin).name
        }
        #expect(name(.efficientNet, .torch) == "efficientnet-b0")
        #expect(name(.efficientNet, .tensorFlow) == "efficientnet-b0 (TensorFlow)")
        #expect(name(.lite, .tensorFlow) == "efficientnet-lite0")
        #expect(name(.lite, .torch) == "efficientnet-lite0 (torch)")
        #expect(
            SmallNetworks.efficientNet.name
                == "efficientnet [1, 2, 2, 3, 3, 4, 1], stem 8, outputs [8, 8, 8, 16, 16, 24, 40], head 160")
    }

    @Test("Only timm's own names for converted networks mean TensorFlow")
    func origins() {
        let snapshot = "/hub/models--timm--tf_efficientnet_b0.ns_jft_in1k/snapshots/0123abc/model.safetensors"
        for path in ["tf_efficientnet_b0_ns-c0e6a31c.pth", "a/tf_efficientnet_lite1.bin", snapshot] {
            #expect(EfficientNetOrigin(path: path) == .tensorFlow)
        }
        for path in ["", "/", "efficientnet_b0.pth", "tf_efficientnet_b0/1/2/3/4.pth", "/tf/model.safetensors"] {
            #expect(EfficientNetOrigin(path: path) == .torch)
        }
    }

    @Test("Depths of published networks only are known by the number of blocks, and no two have the same")
    func depths() {
        for (_, configuration) in EfficientNetConfiguration.standard {
            let depths = configuration.stages.map(\.squeezes.count)
            #expect(EfficientNetConfiguration.depths(blocks: depths.reduce(0, +)) == depths)
        }
        #expect(EfficientNetConfiguration.depths(blocks: 17) == nil)
    }
}
