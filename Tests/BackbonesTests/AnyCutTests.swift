import Backbones
import ModelGraph
import ReferenceNetwork
import Tensors
import Testing

@Suite("A network can be cut at every layer")
struct AnyCutTests {
    @Test("a ResNet, its shortcut on either side of the addition", arguments: [0, 1])
    func resNet(seed: UInt64) throws { try expectEveryCut(of: .resNet(seed: seed), height: 33, width: 38) }

    @Test("a ResNeXt with grouped convolutions")
    func groupedResNet() throws { try expectEveryCut(of: .resNet(seed: 2, groups: 4), height: 30, width: 30) }

    @Test("an EfficientNet-Lite with TensorFlow's padding", arguments: [0, 1])
    func efficientNet(seed: UInt64) throws { try expectEveryCut(of: .efficientNet(seed: seed), height: 19, width: 24) }

    @Test("a network with normalization and activation before each convolution", arguments: [0, 1, 2])
    func preActivation(seed: UInt64) throws {
        try expectEveryCut(of: .preActivation(seed: seed), height: 18, width: 20)
    }

    @Test("a network of convolutions and additions in no order at all", arguments: 0..<4)
    func tangle(seed: UInt64) throws { try expectEveryCut(of: .tangle(seed: seed), height: 9, width: 10) }

    private func expectEveryCut(of random: RandomGraph, height: Int, width: Int) throws {
        var random = random
        let picture = random.pictures(1, height: height, width: width)
        let reference = ReferenceNetwork(graph: random.graph(), height: height, width: width)
        let results = try reference.results(for: picture.elements)
        for layer in random.layers {
            let backbone = try OneDNNBackbone(
                graph: random.graph(cutAt: layer.name), height: height, width: width, batchSize: 1, threads: 1)
            let difference = relativeDifference(try backbone.features(of: picture), [results[layer.name] ?? []])
            #expect(difference < 1e-5, "cut at \(layer.name)")
        }
    }
}
