import Backbones
import ModelGraph
import Tensors
import Testing

@Suite("Every operation equals its naive twin")
struct OperationTests {
    /// Geometry that convolution and pooling have to get right.
    static let windows: [Window] = [
        Window(size: 1), Window(size: 1, stride: 2), Window(size: 3, padding: .all(1)),
        Window(size: 3, stride: 2, padding: .all(1)), Window(size: 7, stride: 2, padding: .all(3)),
        Window(size: 3, stride: 2, padding: .same), Window(size: 5, stride: 2, padding: .same),
        Window(size: 2, stride: 2), Window(size: 3, stride: 3, padding: .same),
        Window(height: 1, width: 5, strideDown: 1, strideAcross: 3, padding: .same),
        Window(
            height: 3, width: 2, strideDown: 2, strideAcross: 1,
            padding: .explicit(top: 1, left: 0, bottom: 0, right: 1)),
        Window(
            height: 3, width: 3, strideDown: 1, strideAcross: 2, dilationDown: 2, dilationAcross: 3,
            padding: .all(2)),
        Window(height: 3, width: 3, dilationDown: 2, dilationAcross: 2, padding: .same),
    ]

    @Test("a convolution, for every window and many groups", arguments: windows)
    func convolution(window: Window) throws {
        let sizes = [(3, 8, 1), (16, 32, 1), (5, 7, 1), (8, 12, 4), (6, 6, 6), (32, 32, 32)]
        for (seed, (inputs, outputs, groups)) in sizes.enumerated() {
            var random = RandomGraph(seed: UInt64(seed), inputChannels: inputs)
            _ = random.convolution(
                "conv", ModelGraph.inputName, to: outputs, window: window, groups: groups, bias: seed % 2 == 0)
            let difference = try differenceFromReference(random.graph(), &random, height: 13, width: 11)
            #expect(difference < 1e-5, "\(inputs) to \(outputs) in \(groups) groups")
        }
    }

    @Test("a convolution in the middle, where layouts are blocked", arguments: windows)
    func innerConvolution(window: Window) throws {
        let sizes = [(16, 16, 1), (24, 40, 1), (20, 20, 20), (32, 64, 2)]
        for (seed, (channels, outputs, groups)) in sizes.enumerated() {
            var random = RandomGraph(seed: UInt64(seed) + 100)
            let first = random.convolution("first", ModelGraph.inputName, to: channels, window: Window(size: 1))
            _ = random.convolution("conv", first, to: outputs, window: window, groups: groups)
            let difference = try differenceFromReference(random.graph(), &random, height: 12, width: 15)
            #expect(difference < 1e-5, "\(channels) to \(outputs) in \(groups) groups")
        }
    }

    @Test("a convolution of 3 x 3 that Winograd's algorithm takes over, alone, added to a branch, and activated")
    func winograd() throws {
        let window = Window(size: 3, padding: .all(1))
        for (seed, channels) in [8, 16, 40].enumerated() {
            var random = RandomGraph(seed: UInt64(seed))
            let first = random.convolution("first", ModelGraph.inputName, to: channels, window: Window(size: 1))
            let second = random.convolution("second", first, to: channels, window: window, bias: true)
            let third = random.convolution("third", second, to: channels, window: window)
            let sum = random.append("sum", .add, third, first)
            _ = random.append("relu", .activation(seed == 0 ? .relu6 : .relu), sum)
            #expect(try differenceFromReference(random.graph(), &random, height: 18, width: 15) < 1e-5)
        }
    }

    @Test("max pooling, alone and on a blocked layout", arguments: windows)
    func maxPool(window: Window) throws {
        for channels in [3, 16, 20] {
            var random = RandomGraph(seed: UInt64(channels), inputChannels: channels)
            _ = random.append("pool", .maxPool(window), ModelGraph.inputName)
            #expect(try differenceFromReference(random.graph(), &random, height: 13, width: 11) == 0)
            var inner = RandomGraph(seed: UInt64(channels), inputChannels: 3)
            let first = inner.convolution("first", ModelGraph.inputName, to: channels, window: Window(size: 3))
            _ = inner.append("pool", .maxPool(window), first)
            #expect(try differenceFromReference(inner.graph(), &inner, height: 15, width: 13) < 1e-5)
        }
    }

    @Test(
        "global pooling",
        arguments: [
            GlobalPool.average, .max, .generalizedMean(exponent: 3, epsilon: 1e-6),
            .generalizedMean(exponent: 4.5, epsilon: 1e-6), .generalizedMean(exponent: 1, epsilon: 1e-3),
        ])
    func globalPool(pool: GlobalPool) throws {
        for channels in [3, 16, 20] {
            var random = RandomGraph(seed: UInt64(channels))
            let first = random.convolution("first", ModelGraph.inputName, to: channels, window: Window(size: 3))
            _ = random.append("pool", .globalPool(pool), first)
            #expect(try differenceFromReference(random.graph(), &random, height: 9, width: 12) < 1e-5)
            var alone = RandomGraph(seed: UInt64(channels), inputChannels: channels)
            _ = alone.append("pool", .globalPool(pool), ModelGraph.inputName)
            #expect(try differenceFromReference(alone.graph(), &alone, height: 7, width: 5) < 1e-5)
        }
    }

    @Test("batch normalization and activations on their own")
    func elementwise() throws {
        for channels in [3, 16, 20] {
            for operation in [Operation.activation(.relu), .activation(.relu6), .identity] {
                var random = RandomGraph(seed: 5, inputChannels: channels)
                let first = random.normalization("bn", ModelGraph.inputName)
                _ = random.append("last", operation, random.append("pool", .maxPool(Window(size: 2)), first))
                #expect(try differenceFromReference(random.graph(), &random, height: 6, width: 7) < 1e-6)
            }
        }
    }

    @Test("a dense layer after a flattened map, and after a vector")
    func linear() throws {
        var random = RandomGraph(seed: 9)
        let map = random.convolution("conv", ModelGraph.inputName, to: 20, window: Window(size: 3, stride: 2))
        let vector = random.append("flatten", .flatten, map)
        let hidden = random.append("relu", .activation(.relu), random.linear("fc1", vector, from: 20 * 12, to: 33))
        _ = random.linear("fc2", hidden, from: 33, to: 10)
        #expect(try differenceFromReference(random.graph(), &random, height: 9, width: 7) < 1e-5)
    }

    @Test("additions: both orders, a shared input, a value added to itself, and the picture itself")
    func additions() throws {
        let same = Window(size: 3, padding: .all(1))
        for order in 0..<2 {
            var random = RandomGraph(seed: UInt64(order))
            let a = random.convolution("a", ModelGraph.inputName, to: 20, window: same)
            let b = random.convolution("b", a, to: 20, window: same)
            let sum = order == 0 ? random.append("sum", .add, a, b) : random.append("sum", .add, b, a)
            let twice = random.append("twice", .add, sum, sum)
            let again = random.append("again", .add, twice, a)
            _ = random.append("last", .add, random.append("relu", .activation(.relu), again), b)
            for layer in random.layers {
                let cut = random.graph(cutAt: layer.name)
                #expect(try differenceFromReference(cut, &random, height: 6, width: 9) < 1e-5, "cut at \(layer.name)")
            }
            var picture = RandomGraph(seed: 3, inputChannels: 4)
            let c = picture.convolution("c", ModelGraph.inputName, to: 4, window: same)
            let operands = order == 0 ? (c, ModelGraph.inputName) : (ModelGraph.inputName, c)
            _ = picture.append("sum", .add, operands.0, operands.1)
            #expect(try differenceFromReference(picture.graph(), &picture, height: 6, width: 9) < 1e-5)
        }
    }
}
