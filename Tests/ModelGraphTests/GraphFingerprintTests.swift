import Tensors
import Testing

@testable import ModelGraph

@Suite("GraphFingerprint")
struct GraphFingerprintTests {
    private let graph = SmallNetworks.basic.blueprint.skeleton()

    @Test("Names change nothing; geometry, connections and constants do")
    func structure() {
        let fingerprint = graph.structureFingerprint
        let renamed = rebuilt {
            Layer("x" + $0.name, $0.operation, inputs: $0.inputs.map { $0 == "input" ? $0 : "x" + $0 })
        }
        #expect(renamed.structureFingerprint == fingerprint)
        let changes: [(Layer) -> Layer] = [
            {
                Layer(
                    $0.name, $0.operation == .activation(.relu) ? .activation(.relu6) : $0.operation, inputs: $0.inputs)
            },
            { Layer($0.name, $0.operation, inputs: $0.inputs.reversed()) },
            { Layer($0.name, $0.name == "avgpool" ? .globalPool(.max) : $0.operation, inputs: $0.inputs) },
            {
                Layer(
                    $0.name, $0.name == "maxpool" ? .maxPool(Window(size: 3, stride: 2, padding: .same)) : $0.operation,
                    inputs: $0.inputs)
            },
            { layer in
                guard case .batchNormalization(let norm) = layer.operation else { return layer }
                let other = BatchNormalization(
                    scale: norm.scale, shift: norm.shift, mean: norm.mean, variance: norm.variance, epsilon: 1e-3)
                return Layer(layer.name, .batchNormalization(other), inputs: layer.inputs)
            },
        ]
        for (index, change) in changes.enumerated() {
            #expect(rebuilt(change).structureFingerprint != fingerprint, "change \(index)")
        }
        #expect(SmallNetworks.grouped.blueprint.skeleton().structureFingerprint != fingerprint)
    }

    @Test("One weight more or less changes the tensors' fingerprint and not the structure's")
    func tensors() {
        let changed = rebuilt { layer in
            guard case .linear(let linear) = layer.operation else { return layer }
            var elements = linear.weight.elements
            elements[3] = 1e-30
            let weight = DenseTensor(shape: linear.weight.shape, elements: elements)
            return Layer(layer.name, .linear(Linear(weight: weight, bias: linear.bias)), inputs: layer.inputs)
        }
        #expect(changed.structureFingerprint == graph.structureFingerprint)
        #expect(changed.tensorsFingerprint != graph.tensorsFingerprint)
        #expect(graph.tensorsFingerprint == SmallNetworks.basic.blueprint.skeleton().tensorsFingerprint)
    }

    @Test("The fingerprints are the same today as when stores were made")
    func pinned() {
        let one = ModelGraph(
            architecture: "one",
            layers: [
                Layer("flatten", .flatten, inputs: [ModelGraph.inputName]),
                Layer(
                    "fc", .linear(Linear(weight: DenseTensor(shape: [1, 2], elements: [1, -2]))), inputs: ["flatten"]),
            ])
        let json = """
            {"inputChannels":3,"layers":[{"inputs":[-1],"operation":["flatten"]},\
            {"inputs":[0],"operation":["linear","[1, 2]","no bias"]}]}
            """
        #expect(one.structureFingerprint == Fingerprint(of: Array(json.utf8)))
        let bytes = littleEndian(Int64(2)) + littleEndian(Int64(1)) + littleEndian(Int64(2)) + littleEndian([1, -2])
        #expect(one.tensorsFingerprint == Fingerprint(of: bytes))
    }

    private func rebuilt(_ change: (Layer) -> Layer) -> ModelGraph {
        ModelGraph(architecture: graph.architecture, layers: graph.layers.map(change))
    }
}
