import Dispatch
import ModelGraph
import Synchronization
import Tensors
import Testing

@testable import Backbones

@Suite("The compiled backbone")
struct OneDNNBackboneTests {
    private func networks() -> [RandomGraph] { [.resNet(seed: 3), .efficientNet(seed: 3), .preActivation(seed: 3)] }

    private func backbone(_ random: RandomGraph, batchSize: Int, threads: Int = 2) throws -> OneDNNBackbone {
        try OneDNNBackbone(graph: random.graph(), height: 40, width: 36, batchSize: batchSize, threads: threads)
    }

    @Test("it says what it takes and what it gives")
    func properties() throws {
        let backbone = try backbone(.resNet(seed: 1), batchSize: 4)
        #expect(backbone.featureDimension == 5)
        #expect(backbone.inputShape == (3, 40, 36))
        #expect(backbone.batchSize == 4)
        #expect(backbone.memoryFootprint.weights > 0 && backbone.memoryFootprint.activations > 4 * 3 * 40 * 36 * 4)
    }

    @Test("a picture's features have the same bits in every place, company and count")
    func sameBits() throws {
        for var random in networks() {
            let batch = random.pictures(9, height: 40, width: 36)
            let backbone = try backbone(random, batchSize: 4)
            let full = try backbone.features(of: batch)
            #expect(full.rows == 9)
            for count in 1...5 {
                let chosen = [8, 2, 5, 1, 2].prefix(count)
                #expect(try backbone.features(of: batch.items(chosen)) == full.rows(at: chosen))
            }
        }
    }

    @Test("convolutions give the same bits for every batch size and number of threads")
    func sameBitsElsewhere() throws {
        for var random in networks() {
            let batch = random.pictures(5, height: 40, width: 36)
            let graph = random.graph(cutAt: random.layers.last { !$0.operation.isLinear }?.name)
            let expected = try OneDNNBackbone(graph: graph, height: 40, width: 36, batchSize: 4, threads: 2)
                .features(of: batch)
            for (batchSize, threads) in [(1, 2), (4, 1), (4, 3), (5, 2), (16, 2)] {
                let other = try OneDNNBackbone(
                    graph: graph, height: 40, width: 36, batchSize: batchSize, threads: threads)
                #expect(try other.features(of: batch) == expected, "batches of \(batchSize) on \(threads) threads")
            }
        }
    }

    @Test("what an earlier batch left behind does not show")
    func noLeftovers() throws {
        var random = RandomGraph.resNet(seed: 5)
        let backbone = try backbone(random, batchSize: 3)
        let one = random.pictures(1, height: 40, width: 36)
        let before = try backbone.features(of: one)
        let wild = Tensor4(
            count: 3, channels: 3, height: 40, width: 36,
            elements: [Float](repeating: .nan, count: 3 * 3 * 40 * 36))
        _ = try backbone.features(of: wild)
        #expect(try backbone.features(of: one) == before)
    }

    @Test("no pictures give no features")
    func empty() throws {
        let features = try backbone(.resNet(seed: 1), batchSize: 2)
            .features(of: Tensor4(count: 0, channels: 3, height: 40, width: 36))
        #expect(features.rows == 0 && features.columns == 5)
    }

    @Test("replicas give the same bits, at the same time, and outlive what they were made from")
    func replicas() throws {
        for var random in networks() {
            let batch = random.pictures(8, height: 40, width: 36)
            var first: OneDNNBackbone? = try backbone(random, batchSize: 2, threads: 1)
            let expected = try #require(try first?.features(of: batch))
            let replicas = try (0..<3).map { _ in try #require(try first?.replica()) }
            first = nil
            #expect(replicas.allSatisfy { $0.featureDimension == expected.columns && $0.batchSize == 2 })
            let wrong = Mutex(0)
            DispatchQueue.concurrentPerform(iterations: 30) { index in
                let found = try? replicas[index % 3].features(of: batch)
                if found != expected { wrong.withLock { $0 += 1 } }
            }
            #expect(wrong.withLock { $0 } == 0)
        }
    }

    @Test("many threads may call at once")
    func manyCallers() throws {
        var random = RandomGraph.efficientNet(seed: 4)
        let batch = random.pictures(12, height: 40, width: 36)
        let backbone = try backbone(random, batchSize: 3)
        let expected = try backbone.features(of: batch)
        let wrong = Mutex<[Int]>([])
        DispatchQueue.concurrentPerform(iterations: 24) { call in
            let chosen = [call % 12, (call * 5 + 1) % 12]
            let features = try? backbone.features(of: batch.items(chosen))
            if features != expected.rows(at: chosen) { wrong.withLock { $0.append(call) } }
        }
        #expect(wrong.withLock { $0 } == [])
    }

    @Test("backbones come and go without taking their threads along")
    func manyBackbones() throws {
        var random = RandomGraph.resNet(seed: 6)
        let batch = random.pictures(2, height: 40, width: 36)
        let expected = try backbone(random, batchSize: 2).features(of: batch)
        for _ in 0..<12 { #expect(try backbone(random, batchSize: 2).features(of: batch) == expected) }
    }

    @Test("a map that is no vector is refused with its shape, a map of 1 x 1 is one")
    func maps() throws {
        var random = RandomGraph(seed: 1)
        _ = random.convolution("conv", ModelGraph.inputName, to: 8, window: Window(size: 3))
        let graph = ModelGraph(architecture: "random", layers: random.layers)
        #expect { try OneDNNBackbone(graph: graph, height: 5, width: 5) } throws: {
            "\($0)".contains("layer 'conv': gives a feature map of 8x3x3, not a vector")
        }
        #expect(try OneDNNBackbone(graph: graph, height: 3, width: 3, batchSize: 1).featureDimension == 8)
    }

    @Test("a picture of another size than the network can take is an error that names the layer")
    func wrongSize() {
        let graph = RandomGraph.resNet(seed: 1).graph(cutAt: "fc")
        #expect { try OneDNNBackbone(graph: graph, height: 0, width: 40) } throws: { $0 is InputError }
    }
}

extension Operation {
    fileprivate var isLinear: Bool {
        if case .linear = self { true } else { false }
    }
}
