import Tensors
import Testing

@testable import ModelGraph

@Suite("EfficientNetLite0")
struct EfficientNetLite0Tests {
    @Test("It has the published number of parameters, and halves the picture five times")
    func geometry() throws {
        let graph = EfficientNetLite0.blueprint().skeleton()
        // 4,652,008 in timm's tf_efficientnet_lite0; Google's table says 4.7 M.
        #expect(graph.layers.reduce(0) { $0 + $1.operation.parameterCount } == 4_652_008)
        let shapes = try graph.shapes(height: 224, width: 224)
        #expect(shapes["act1"] == .map(channels: 32, height: 112, width: 112))
        #expect(shapes["blocks.6.0.bn3"] == .map(channels: 320, height: 7, width: 7))
        #expect(shapes["flatten"] == .vector(1280))
        #expect(graph.layers.filter { $0.operation == .add }.count == 9)
    }

    @Test("Padding, epsilon and activation are TensorFlow's")
    func constants() {
        for layer in EfficientNetLite0.blueprint().skeleton().layers {
            switch layer.operation {
            case .convolution(let convolution):
                #expect(convolution.window.height == 1 || convolution.window.padding == .same)
            case .batchNormalization(let norm): #expect(norm.epsilon == 1e-3)
            case .activation(let activation): #expect(activation == .relu6)
            default: continue
            }
        }
    }

    @Test("The Python package's names are those of the blueprint")
    func packageNames() throws {
        let blueprint = EfficientNetLite0.blueprint(classes: 4)
        let names = Dictionary(
            uniqueKeysWithValues: Self.packageNames.map {
                (TensorNaming.efficientNetLite.blueprintName(of: $0), $0)
            })
        #expect(Set(names.keys) == Set(blueprint.requirements.map(\.name)))
        var tensors: [String: DenseTensor] = [:]
        for requirement in blueprint.requirements {
            let zeros = [Float](repeating: 0, count: requirement.shape.reduce(1, *))
            tensors[names[requirement.name] ?? ""] = DenseTensor(shape: requirement.shape, elements: zeros)
        }
        let file = Array(try SafetensorsFile.encode(tensors))
        let graph = try withFile(file) { try ModelGraph(weights: try WeightsFile(path: $0)) }
        #expect(graph == blueprint.skeleton())
        tensors["_blocks.3._se_reduce.weight"] = DenseTensor(shape: [1], elements: [0])
        let other = Array(try SafetensorsFile.encode(tensors))
        #expect(throws: InputError.self) { try withFile(other) { try ModelGraph(weights: try WeightsFile(path: $0)) } }
    }

    /// All names of efficientnet-lite0-57934424.pth but the batch counters.
    private static var packageNames: [String] {
        func norm(_ name: String) -> [String] {
            ["weight", "bias", "running_mean", "running_var"].map { "\(name).\($0)" }
        }
        var names = ["_conv_stem.weight", "_conv_head.weight", "_fc.weight", "_fc.bias"] + norm("_bn0") + norm("_bn1")
        for block in 0..<16 {
            if block > 0 { names += ["_blocks.\(block)._expand_conv.weight"] + norm("_blocks.\(block)._bn0") }
            names += ["_blocks.\(block)._depthwise_conv.weight"] + norm("_blocks.\(block)._bn1")
            names += ["_blocks.\(block)._project_conv.weight"] + norm("_blocks.\(block)._bn2")
        }
        return names
    }
}
