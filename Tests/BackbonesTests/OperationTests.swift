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
        Window(size: 3, stride: 2, padding: .sameLower), Window(height: 2, width: 4, padding: .sameLower),
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

    @Test("average pooling with and without its padding, and windows that hang over the edge", arguments: windows)
    func averagePool(window: Window) throws {
        for (channels, countsPadding) in [(3, true), (16, false), (20, true), (20, false)] {
            var random = RandomGraph(seed: UInt64(channels), inputChannels: channels)
            let operation = Operation.averagePool(window, countsPadding: countsPadding)
            _ = random.append("pool", operation, ModelGraph.inputName)
            #expect(try differenceFromReference(random.graph(), &random, height: 13, width: 11) < 1e-6)
            var inner = RandomGraph(seed: UInt64(channels), inputChannels: 3)
            let first = inner.convolution("first", ModelGraph.inputName, to: channels, window: Window(size: 3))
            _ = inner.append("pool", operation, first)
            #expect(try differenceFromReference(inner.graph(), &inner, height: 15, width: 13) < 1e-5)
        }
    }

    @Test("pooling windows that hang over the edge", arguments: [0, 1], [(2, 2), (3, 2), (3, 3), (5, 3), (2, 3)])
    func roundingUp(padding: Int, geometry: (size: Int, stride: Int)) throws {
        let window = Window(
            size: geometry.size, stride: geometry.stride, padding: .all(padding), roundsUp: true)
        for operation in [Operation.maxPool(window), .averagePool(window, countsPadding: false)] {
            for height in 6...11 {
                var random = RandomGraph(seed: UInt64(height), inputChannels: 4)
                _ = random.append("pool", operation, ModelGraph.inputName)
                #expect(try differenceFromReference(random.graph(), &random, height: height, width: 17 - height) < 1e-6)
            }
        }
    }

    @Test(
        "every activation, alone, on a convolution, on a dense layer, on a normalization and on a sum",
        arguments: Activation.everyKind)
    func activations(activation: Activation) throws {
        for channels in [3, 16, 20] {
            var random = RandomGraph(channels: channels, with: activation)
            for layer in random.layers {
                let cut = random.graph(cutAt: layer.name)
                #expect(try differenceFromReference(cut, &random, height: 6, width: 8) < 2e-6, "\(layer.name)")
            }
        }
    }

    @Test(
        "arithmetic on equal shapes, on maps and their channels, and on maps and one channel",
        arguments: [Arithmetic.add, .subtract, .multiply, .divide])
    func arithmetic(arithmetic: Arithmetic) throws {
        for channels in [3, 16, 20] {
            var random = RandomGraph(seed: 12)
            let map = random.convolution("map", ModelGraph.inputName, to: channels, window: Window(size: 3))
            let other = random.append(
                "positive", .activation(.clip(low: 0.5, high: 4)),
                random.convolution("other", ModelGraph.inputName, to: channels, window: Window(size: 3)))
            let gate = random.append("gate", .activation(.sigmoid), random.append("mean", .globalPool(.average), map))
            let single = random.convolution("single", other, to: 1, window: Window(size: 1))
            let attention = random.append("attention", .activation(.sigmoid), single)
            for (index, (first, second)) in [(map, other), (map, gate), (gate, map), (map, attention)].enumerated()
            where arithmetic.isCommutative || index != 2 {
                let name = random.append("last\(index)", .arithmetic(arithmetic), first, second)
                let active = random.append("relu\(index)", .activation(.relu), name)
                for cut in [name, active] {
                    let difference = try differenceFromReference(
                        random.graph(cutAt: cut), &random, height: 7, width: 6)
                    #expect(difference < 1e-5, "\(cut)")
                }
            }
        }
    }

    @Test("maps put together, cut apart, shuffled, reshaped, multiplied by gates, and softmax, whatever their layout")
    func arrangement() throws {
        for channels in [4, 16, 24] {
            var random = RandomGraph(arranging: channels)
            for layer in random.layers {
                let cut = random.graph(cutAt: layer.name)
                #expect(try differenceFromReference(cut, &random, height: 7, width: 6) < 1e-5, "\(layer.name)")
            }
        }
    }

    @Test("affine maps of channels, folded into convolutions and dense layers and on their own")
    func affine() throws {
        var random = RandomGraph(seed: 21, inputChannels: 5)
        let affine = { (count: Int) in
            Operation.batchNormalization(
                .affine(scale: (0..<count).map { Float($0) - 1.5 }, shift: (0..<count).map { Float($0 % 3) }))
        }
        var last = random.append("alone", affine(5), ModelGraph.inputName)
        last = random.append("folded", affine(7), random.convolution("c", last, to: 7, window: Window(size: 3)))
        last = random.append("pooled", .flatten, random.append("pool", .globalPool(.max), last))
        last = random.append("shifted", affine(7), last)
        _ = random.append("dense", affine(4), random.linear("fc", last, from: 7, to: 4))
        for layer in random.layers {
            let cut = random.graph(cutAt: layer.name)
            #expect(try differenceFromReference(cut, &random, height: 7, width: 6) < 1e-5, "\(layer.name)")
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
