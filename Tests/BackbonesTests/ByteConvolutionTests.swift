import ModelGraph
import ReferenceNetwork
import Tensors
import Testing

@testable import Backbones

@Suite(
    "Networks on bytes", .enabled(if: PrecisionTrait.isHere(.int8), PrecisionTrait.missing(.int8)))
struct ByteConvolutionTests {
    private func calibration(_ graph: ModelGraph, _ pictures: Tensor4) throws -> Calibration {
        let calibrator = try Calibrator(
            graph: graph, height: pictures.height, width: pictures.width, batchSize: 2, threads: 1)
        try calibrator.observe(pictures)
        return calibrator.calibration()
    }

    @Test("a convolution whose numbers are whole is exact", arguments: [1, 4, 8], [false, true])
    func exact(groups: Int, isSigned: Bool) throws {
        var random = RandomGraph(seed: UInt64(groups), inputChannels: 8)
        func whole(_ shape: [Int], _ low: Int, _ high: Int) -> DenseTensor {
            let count = shape.reduce(1, *)
            return DenseTensor(
                shape: shape,
                elements: (0..<count).map { _ in Float(low + random.generator.index(below: high - low + 1)) })
        }
        // A weight of 127 in each output makes the scales 1, so that bytes are the numbers themselves.
        var weights = whole([16, 8 / groups, 3, 3], -127, 127).elements
        for output in 0..<16 { weights[output * weights.count / 16] = 127 }
        let weight = DenseTensor(shape: [16, 8 / groups, 3, 3], elements: weights)
        let convolution = Convolution(
            weight: weight, bias: whole([16], -1000, 1000), groups: groups, padding: .all(1))
        _ = random.append("conv", .convolution(convolution), ModelGraph.inputName, channels: 16)
        let graph = random.graph()
        let picture = whole([3, 8, 5, 6], isSigned ? -128 : 0, isSigned ? 127 : 255)
        let batch = Tensor4(count: 3, channels: 8, height: 5, width: 6, elements: picture.elements)
        let one = Quantization(scale: 1, isSigned: isSigned)
        let backbone = try OneDNNBackbone(
            graph: graph, height: 5, width: 6, precision: .int8,
            calibration: Calibration(layers: [ModelGraph.inputName: one, "conv": one]), batchSize: 2, threads: 1)
        let expected = try ReferenceNetwork(graph: graph, height: 5, width: 6).outputs(of: batch)
        #expect(relativeDifference(try backbone.features(of: batch), expected) == 0)
    }

    @Test("random networks stay near single precision", arguments: [0, 1, 2])
    func networks(seed: UInt64) throws {
        let networks: [RandomGraph] = [
            .resNet(seed: seed, groups: seed == 2 ? 4 : 1), .efficientNet(seed: seed), .preActivation(seed: seed),
        ]
        for var random in networks {
            let batch = random.pictures(5, height: 33, width: 38)
            for layer in random.layers {
                let graph = random.graph(cutAt: layer.name)
                let backbone = try OneDNNBackbone(
                    graph: graph, height: 33, width: 38, precision: .int8, calibration: try calibration(graph, batch),
                    batchSize: 2, threads: 1)
                let expected = try ReferenceNetwork(graph: graph, height: 33, width: 38).outputs(of: batch)
                #expect(smallestCosine(try backbone.features(of: batch), expected) > 0.98, "cut at \(layer.name)")
            }
        }
    }

    @Test(
        "activations inside convolutions, with a residual sum and without",
        arguments: [
            Activation.relu, .relu6, .leakyRelu(slope: 0.1), .clip(low: -0.5, high: 0.75), .sigmoid,
            .hardSigmoid(slope: 0.2, offset: 0.5), .hardSwish, .silu, .tanh, .elu(scale: 0.7), .gelu,
        ])
    func activations(activation: Activation) throws {
        let same = Window(size: 3, padding: .all(1))
        var random = RandomGraph(seed: 8)
        let a = random.convolution("a", ModelGraph.inputName, to: 20, window: same)
        let b = random.append("b", .activation(activation), random.convolution("b0", a, to: 20, window: same))
        let c = random.append("c", .add, random.convolution("c0", b, to: 20, window: same), a)
        let d = random.append("d", .activation(activation), c)
        _ = random.convolution("e", d, to: 20, window: same)
        let graph = random.graph()
        let batch = random.pictures(4, height: 9, width: 8)
        let backbone = try OneDNNBackbone(
            graph: graph, height: 9, width: 8, precision: .int8, calibration: try calibration(graph, batch),
            batchSize: 2, threads: 1)
        let expected = try ReferenceNetwork(graph: graph, height: 9, width: 8).outputs(of: batch)
        let cosine = smallestCosine(try backbone.features(of: batch), expected)
        #expect(cosine > 0.99)
    }

    @Test("the calibration does not depend on the order of pictures or on how they are grouped")
    func determinism() throws {
        var random = RandomGraph.resNet(seed: 1)
        let graph = random.graph()
        let batch = random.pictures(5, height: 33, width: 33)
        let first = try calibration(graph, batch)
        let calibrator = try Calibrator(graph: graph, height: 33, width: 33, batchSize: 2, threads: 2)
        for index in [3, 0, 4, 1, 2] { try calibrator.observe(batch.items([index])) }
        #expect(calibrator.calibration() == first)
        #expect(first.layers[ModelGraph.inputName]?.isSigned == true)
    }

    @Test("a picture's features have the same bits in every place, company and count")
    func sameBits() throws {
        for var random in [RandomGraph.resNet(seed: 3), .efficientNet(seed: 3), .preActivation(seed: 3)] {
            let batch = random.pictures(9, height: 40, width: 36)
            let graph = random.graph()
            let backbone = try OneDNNBackbone(
                graph: graph, height: 40, width: 36, precision: .int8, calibration: try calibration(graph, batch),
                batchSize: 4, threads: 2)
            let full = try backbone.features(of: batch)
            for count in 1...5 {
                let chosen = [8, 2, 5, 1, 2].prefix(count)
                #expect(try backbone.features(of: batch.items(chosen)) == full.rows(at: chosen))
            }
        }
    }

    @Test("a calibration that lacks a layer is refused with the layer's name")
    func incomplete() {
        let graph = RandomGraph.resNet(seed: 1).graph()
        let one = Quantization(scale: 1, isSigned: true)
        #expect {
            try OneDNNBackbone(
                graph: graph, height: 33, width: 33, precision: .int8,
                calibration: Calibration(layers: [ModelGraph.inputName: one]))
        } throws: { "\($0)".contains("no calibration of layer 'relu'") }
    }
}
