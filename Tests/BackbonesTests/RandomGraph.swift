import ModelGraph
import Tensors

/// Builds graphs with random weights, a layer at a time.
struct RandomGraph {
    var generator: SeededGenerator
    let inputChannels: Int
    private(set) var layers: [Layer] = []
    private var channels: [String: Int]

    init(seed: UInt64, inputChannels: Int = 3) {
        generator = SeededGenerator(seed: seed)
        self.inputChannels = inputChannels
        channels = [ModelGraph.inputName: inputChannels]
    }

    /// The graph up to and with the layer called `name`, as a vector.
    func graph(cutAt name: String? = nil) -> ModelGraph {
        var kept = layers
        if let name, let index = layers.firstIndex(where: { $0.name == name }) { kept = Array(layers[...index]) }
        let last = kept[kept.count - 1].name
        return ModelGraph(
            architecture: "random", inputChannels: inputChannels,
            layers: kept + [Layer("vector", .flatten, inputs: [last])])
    }

    mutating func append(_ name: String, _ operation: Operation, _ inputs: String..., channels: Int? = nil) -> String {
        layers.append(Layer(name, operation, inputs: inputs))
        self.channels[name] = channels ?? self.channels[inputs[0]] ?? 0
        return name
    }

    mutating func convolution(
        _ name: String, _ input: String, to outputs: Int, window: Window, groups: Int = 1, bias: Bool = false
    ) -> String {
        let inputs = channels[input] ?? 0
        let fan = Float(inputs / groups * window.height * window.width)
        let shape = [outputs, inputs / groups, window.height, window.width]
        let weight = tensor(shape, -1.7 / fan.squareRoot(), 1.7 / fan.squareRoot())
        let convolution = Convolution(
            weight: weight, bias: bias ? tensor([outputs], -1, 1) : nil, groups: groups, window: window)
        return append(name, .convolution(convolution), input, channels: outputs)
    }

    mutating func normalization(_ name: String, _ input: String) -> String {
        let count = [channels[input] ?? 0]
        let normalization = BatchNormalization(
            scale: tensor(count, 0.5, 1.5), shift: tensor(count, -0.5, 0.5), mean: tensor(count, -0.5, 0.5),
            variance: tensor(count, 0.5, 1.5))
        return append(name, .batchNormalization(normalization), input)
    }

    mutating func linear(_ name: String, _ input: String, from inputs: Int, to outputs: Int) -> String {
        let linear = Linear(weight: tensor([outputs, inputs], -1, 1), bias: tensor([outputs], -1, 1))
        return append(name, .linear(linear), input, channels: outputs)
    }

    mutating func tensor(_ shape: [Int], _ low: Float, _ high: Float) -> DenseTensor {
        let count = shape.reduce(1, *)
        return DenseTensor(shape: shape, elements: (0..<count).map { _ in generator.uniform(low, high) })
    }

    mutating func pictures(_ count: Int, height: Int, width: Int) -> Tensor4 {
        let elements = (0..<count * inputChannels * height * width).map { _ in generator.uniform(-2, 2) }
        return Tensor4(count: count, channels: inputChannels, height: height, width: width, elements: elements)
    }
}

extension RandomGraph {
    /// A bottleneck block of a ResNet: 1x1, 3x3, 1x1, with a shortcut that is convolved where the shape changes.
    mutating func bottleneck(
        _ name: String, _ input: String, width: Int, outputs: Int, stride: Int = 1, groups: Int = 1, shortcutFirst: Bool
    ) -> String {
        var shortcut = input
        var branch = convolution("\(name).conv1", input, to: width, window: Window(size: 1))
        branch = append("\(name).relu1", .activation(.relu), normalization("\(name).bn1", branch))
        branch = convolution(
            "\(name).conv2", branch, to: width, window: Window(size: 3, stride: stride, padding: .all(1)),
            groups: groups)
        branch = append("\(name).relu2", .activation(.relu), normalization("\(name).bn2", branch))
        branch = convolution("\(name).conv3", branch, to: outputs, window: Window(size: 1))
        branch = normalization("\(name).bn3", branch)
        if stride > 1 || channels[input] != outputs {
            let window = Window(size: 1, stride: stride)
            shortcut = convolution("\(name).downsample.0", input, to: outputs, window: window)
            shortcut = normalization("\(name).downsample.1", shortcut)
        }
        let sum =
            shortcutFirst
            ? append("\(name).add", .add, shortcut, branch) : append("\(name).add", .add, branch, shortcut)
        return append("\(name).relu", .activation(.relu), sum)
    }

    /// An inverted residual of an EfficientNet-Lite: expand, depthwise, project, ReLU6 between.
    mutating func invertedResidual(
        _ name: String, _ input: String, expansion: Int, outputs: Int, window: Window
    ) -> String {
        let inputs = channels[input] ?? 0
        let width = inputs * expansion
        var branch = input
        if expansion > 1 {
            branch = convolution("\(name).expand", branch, to: width, window: Window(size: 1))
            branch = append("\(name).relu0", .activation(.relu6), normalization("\(name).bn0", branch))
        }
        branch = convolution("\(name).depthwise", branch, to: width, window: window, groups: width)
        branch = append("\(name).relu1", .activation(.relu6), normalization("\(name).bn1", branch))
        branch = convolution("\(name).project", branch, to: outputs, window: Window(size: 1))
        branch = normalization("\(name).bn2", branch)
        guard inputs == outputs, window.strideDown == 1 else { return branch }
        branch = append("\(name).dropout", .identity, branch)
        return append("\(name).add", .add, branch, input)
    }

    /// A small ResNet with the stem, both kinds of shortcut, and a classifier.
    static func resNet(seed: UInt64, groups: Int = 1) -> RandomGraph {
        var graph = RandomGraph(seed: seed)
        let stem = Window(size: 7, stride: 2, padding: .all(3))
        var last = graph.convolution("conv1", ModelGraph.inputName, to: 20, window: stem)
        last = graph.append("relu", .activation(.relu), graph.normalization("bn1", last))
        last = graph.append("maxpool", .maxPool(Window(size: 3, stride: 2, padding: .all(1))), last)
        last = graph.bottleneck(
            "layer1.0", last, width: 12, outputs: 40, groups: groups, shortcutFirst: seed.isMultiple(of: 2))
        last = graph.bottleneck(
            "layer1.1", last, width: 12, outputs: 40, groups: groups, shortcutFirst: !seed.isMultiple(of: 2))
        last = graph.bottleneck("layer2.0", last, width: 24, outputs: 48, stride: 2, shortcutFirst: false)
        last = graph.append("flatten", .flatten, graph.append("avgpool", .globalPool(.average), last))
        last = graph.linear("fc", last, from: 48, to: 5)
        return graph
    }

    /// A small EfficientNet-Lite with TensorFlow's padding.
    static func efficientNet(seed: UInt64) -> RandomGraph {
        var graph = RandomGraph(seed: seed)
        let stem = Window(size: 3, stride: 2, padding: .same)
        var last = graph.convolution("stem", ModelGraph.inputName, to: 8, window: stem)
        last = graph.append("stem.relu", .activation(.relu6), graph.normalization("stem.bn", last))
        let size = Int(seed % 2) * 2 + 3
        last = graph.invertedResidual(
            "blocks.0", last, expansion: 1, outputs: 12, window: Window(size: 3, padding: .same))
        last = graph.invertedResidual(
            "blocks.1", last, expansion: 6, outputs: 20, window: Window(size: size, stride: 2, padding: .same))
        last = graph.invertedResidual(
            "blocks.2", last, expansion: 6, outputs: 20, window: Window(size: size, padding: .same))
        last = graph.append(
            "head.relu", .activation(.relu6),
            graph.convolution(
                "head", last, to: 32, window: Window(size: 1), bias: true))
        last = graph.append("pool", .globalPool(.generalizedMean(exponent: 3, epsilon: 1e-6)), last)
        return graph
    }

    /// Residual blocks whose normalization and activation come before each convolution, so that none can be folded into
    /// the one in front and values have several uses.
    static func preActivation(seed: UInt64) -> RandomGraph {
        var graph = RandomGraph(seed: seed)
        let same = Window(size: 3, padding: .all(1))
        var last = graph.convolution("stem", ModelGraph.inputName, to: 24, window: same)
        for block in 0..<2 {
            let name = "block\(block)"
            let active = graph.append("\(name).relu1", .activation(.relu), graph.normalization("\(name).bn1", last))
            var branch = graph.convolution("\(name).conv1", active, to: 24, window: same)
            branch = graph.append("\(name).relu2", .activation(.relu), graph.normalization("\(name).bn2", branch))
            branch = graph.convolution("\(name).conv2", branch, to: 24, window: same)
            last = graph.append("\(name).add", .add, last, block == 0 ? branch : active)
        }
        return graph
    }

    /// Convolutions, normalizations, activations and additions that take any earlier value.
    static func tangle(seed: UInt64) -> RandomGraph {
        var graph = RandomGraph(seed: seed)
        let window = Window(size: 3, padding: .all(1))
        var values = [graph.convolution("stem", ModelGraph.inputName, to: 4, window: window)]
        for index in 0..<24 {
            let first = values[max(0, values.count - 1 - graph.generator.index(below: 3))]
            let second = values[max(0, values.count - 1 - graph.generator.index(below: 5))]
            switch graph.generator.index(below: 5) {
            case 0, 1: values.append(graph.convolution("conv\(index)", first, to: 4, window: window))
            case 2: values.append(graph.normalization("bn\(index)", first))
            case 3: values.append(graph.append("relu\(index)", .activation(.relu), first))
            default: values.append(graph.append("add\(index)", .add, first, second))
            }
        }
        return graph
    }
}

extension RandomGraph {
    /// `activation` alone, on a normalization, a convolution, a sum and a dense layer, with pooling between them.
    init(channels: Int, with activation: Activation) {
        self.init(seed: 11, inputChannels: channels)
        var last = append("alone", .activation(activation), ModelGraph.inputName)
        last = append("pool", .maxPool(Window(size: 2)), last)
        last = append("normalized", .activation(activation), normalization("bn", last))
        let conv = convolution("conv", last, to: channels, window: Window(size: 1))
        last = append("convolved", .activation(activation), conv)
        last = append("sum", .activation(activation), append("add", .add, last, conv))
        last = append("flatten", .flatten, append("mean", .globalPool(.average), last))
        _ = append("connected", .activation(activation), linear("dense", last, from: channels, to: 9))
    }
}

extension RandomGraph {
    /// Maps of `channels` channels and others put together, cut apart, shuffled, reshaped, multiplied by gates, and softmax.
    init(arranging channels: Int) {
        self.init(seed: UInt64(channels))
        let same = Window(size: 3, padding: .all(1))
        let a = convolution("a", ModelGraph.inputName, to: channels, window: same)
        let b = convolution("b", a, to: 20, window: same)
        let gate = append("gate", .activation(.sigmoid), append("mean", .globalPool(.average), a))
        _ = append("gated", .arithmetic(.multiply), a, gate)
        var last = append("both", .concatenate, a, b, ModelGraph.inputName, channels: channels + 23)
        last = append("shuffle", .channelShuffle(groups: channels / 2), a)
        last = append("again", .concatenate, last, b, channels: channels + 20)
        last = convolution("c", last, to: 20, window: same)
        last = append("soft", .softmax, last)
        let part = Slice(
            channels: .init(start: 1, count: 6, step: 3), rows: .init(start: 1, count: 3, step: 2),
            columns: .init(start: 2, count: 4))
        last = append("part", .slice(part), last, channels: 6)
        last = append("d", .activation(.relu), last)
        _ = append("last", .flatten(.channelsLast), last)
        let vector = append("first", .flatten, last)
        _ = append("ends", .slice(Slice(channels: .init(start: 3, count: 5, step: 13))), vector)
        _ = append("map", .reshape(.map(channels: 8, height: 3, width: 3)), vector)
    }
}

extension Activation {
    /// One activation of each kind.
    static let everyKind: [Activation] = [
        .relu, .relu6, .leakyRelu(slope: 0.1), .clip(low: -0.5, high: 0.75), .sigmoid,
        .hardSigmoid(slope: 0.2, offset: 0.5), .hardSwish, .silu, .tanh, .elu(scale: 0.7), .gelu,
    ]
}
