import Backbones
import ModelGraph
import ReferenceNetwork
import Tensors
import Testing

/// Whether this processor computes in `precision`, and what a test says that is skipped where it does not.
struct PrecisionTrait {
    static func isHere(_ precision: Precision) -> Bool {
        if case .missing = precision.support { false } else { true }
    }

    static func missing(_ precision: Precision) -> Comment {
        "this processor has no instructions for \(precision.rawValue)"
    }
}

@Suite(
    "Networks in bfloat16 stay near their naive twin",
    .enabled(if: PrecisionTrait.isHere(.bf16), PrecisionTrait.missing(.bf16)))
struct BFloat16Tests {
    /// bfloat16 has 8 bits: a rounding is off by at most 2^-9 of the value, and each step rounds once.
    private func expectNear(
        _ graph: ModelGraph, _ random: inout RandomGraph, height: Int, width: Int, _ comment: Comment,
        tolerance: Double = 0.03
    ) throws {
        let batch = random.pictures(3, height: height, width: width)
        let backbone = try OneDNNBackbone(
            graph: graph, height: height, width: width, precision: .bf16, batchSize: 2, threads: 1)
        let expected = try ReferenceNetwork(graph: graph, height: height, width: width).outputs(of: batch)
        let features = try backbone.features(of: batch)
        #expect(relativeDifference(features, expected) < tolerance, comment)
        #expect(smallestCosine(features, expected) > 0.999, comment)
    }

    @Test("convolutions of every window and many groups, first and in the middle", arguments: OperationTests.windows)
    func convolution(window: Window) throws {
        let sizes = [(3, 8, 1), (16, 32, 1), (5, 7, 1), (8, 12, 4), (6, 6, 6), (32, 32, 32)]
        for (seed, (inputs, outputs, groups)) in sizes.enumerated() {
            var random = RandomGraph(seed: UInt64(seed), inputChannels: inputs)
            let first = random.convolution(
                "conv", ModelGraph.inputName, to: outputs, window: window, groups: groups, bias: true)
            _ = random.convolution("next", first, to: 20, window: Window(size: 1))
            for name in ["conv", "next"] {
                try expectNear(
                    random.graph(cutAt: name), &random, height: 13, width: 11,
                    "\(name): \(inputs) to \(outputs) in \(groups) groups")
            }
        }
    }

    @Test("pooling of every window", arguments: OperationTests.windows)
    func pooling(window: Window) throws {
        for operation in [
            Operation.maxPool(window), .averagePool(window, countsPadding: true),
            .averagePool(window, countsPadding: false),
        ] {
            var random = RandomGraph(seed: 4)
            let first = random.convolution("first", ModelGraph.inputName, to: 20, window: Window(size: 3))
            _ = random.append("pool", operation, first)
            try expectNear(random.graph(), &random, height: 15, width: 13, "\(operation)")
        }
    }

    @Test(
        "every activation on everything",
        arguments: Activation.everyKind)
    func activations(activation: Activation) throws {
        for channels in [3, 16, 20] {
            var random = RandomGraph(channels: channels, with: activation)
            for layer in random.layers {
                try expectNear(
                    random.graph(cutAt: layer.name), &random, height: 6, width: 8, "\(layer.name)")
            }
        }
    }

    @Test("maps put together, cut apart, shuffled, reshaped, multiplied by gates, and softmax")
    func arrangement() throws {
        for channels in [4, 16, 24] {
            var random = RandomGraph(arranging: channels)
            for layer in random.layers {
                try expectNear(random.graph(cutAt: layer.name), &random, height: 7, width: 6, "\(layer.name)")
            }
        }
    }

    @Test("random networks, cut at every layer", arguments: [0, 1, 2])
    func anyCut(seed: UInt64) throws {
        let networks: [RandomGraph] = [
            .resNet(seed: seed, groups: seed == 2 ? 4 : 1), .efficientNet(seed: seed), .preActivation(seed: seed),
        ]
        for var random in networks {
            for layer in random.layers {
                try expectNear(
                    random.graph(cutAt: layer.name), &random, height: 33, width: 38, "cut at \(layer.name)")
            }
        }
    }

    @Test("a picture's features have the same bits in every place, company and count")
    func sameBits() throws {
        for var random in [RandomGraph.resNet(seed: 3), .efficientNet(seed: 3), .preActivation(seed: 3)] {
            let batch = random.pictures(9, height: 40, width: 36)
            let backbone = try OneDNNBackbone(
                graph: random.graph(), height: 40, width: 36, precision: .bf16, batchSize: 4, threads: 2)
            let full = try backbone.features(of: batch)
            for count in 1...5 {
                let chosen = [8, 2, 5, 1, 2].prefix(count)
                #expect(try backbone.features(of: batch.items(chosen)) == full.rows(at: chosen))
            }
        }
    }
}
