public import Tensors

/// What a layer computes at inference time.
public enum Operation: Sendable, Hashable {
    /// A convolution, grouped where the weight says so.
    case convolution(Convolution)
    /// Batch normalization with running statistics.
    case batchNormalization(BatchNormalization)
    /// An element-wise activation.
    case activation(Activation)
    /// The largest value in each window.
    case maxPool(Window)
    /// The mean of each window; `countsPadding` says whether padding counts as zeros or not at all, torch.nn's
    /// `count_include_pad`. What a window that hangs over the edge reaches beyond the padding never counts.
    case averagePool(Window, countsPadding: Bool)
    /// One value a channel, shape `[channels, 1, 1]`.
    case globalPool(GlobalPool)
    /// Two inputs, value by value. A dimension of 1 in one of them goes with any in the other.
    case arithmetic(Arithmetic)
    /// The channels of several maps of one size, or the values of several vectors, one after the other.
    case concatenate
    /// Part of a map or of a vector.
    case slice(Slice)
    /// The channels in another order: channel `i * (channels / groups) + j` comes to `j * groups + i` (Zhang et al.,
    /// "ShuffleNet", 2018).
    case channelShuffle(groups: Int)
    /// A feature map as a vector: channel by channel, or position by position with all channels of one together.
    case flatten(FlattenOrder)
    /// The values in their order under another shape.
    case reshape(FeatureShape)
    /// exp(x) / sum(exp(x)) over the channels.
    case softmax
    /// A fully connected (dense) layer.
    case linear(Linear)
    /// What does nothing at inference time, such as dropout.
    case identity
}

extension Operation {
    /// The sum of two inputs.
    public static let add = Operation.arithmetic(.add)
    /// A feature map as a vector, channel by channel.
    public static let flatten = Operation.flatten(.channelsFirst)
}

/// In which order a map's values become a vector's.
public enum FlattenOrder: String, Sendable, Hashable {
    /// Channel by channel, as torch has maps.
    case channelsFirst
    /// Position by position, as TensorFlow has them.
    case channelsLast
}

/// A 2-D convolution: cross-correlation, as in torch.nn.Conv2d.
public struct Convolution: Sendable, Hashable {
    /// The kernels, shape `[outputs, inputs / groups, height, width]`.
    public let weight: DenseTensor
    /// One number an output channel, shape `[outputs]`, or nil for none.
    public let bias: DenseTensor?
    /// Into how many independent convolutions the channels are split.
    public let groups: Int
    /// The window's geometry; its size equals the kernels'.
    public let window: Window

    /// A convolution whose window size is read from the weight.
    public init(weight: DenseTensor, bias: DenseTensor? = nil, groups: Int = 1, stride: Int = 1, padding: Padding) {
        self.init(
            weight: weight, bias: bias, groups: groups,
            window: Window(
                height: weight.shape[2], width: weight.shape[3], strideDown: stride, strideAcross: stride,
                padding: padding))
    }

    /// A convolution; the window's size must be the weight's.
    public init(weight: DenseTensor, bias: DenseTensor?, groups: Int, window: Window) {
        precondition(
            weight.shape.count == 4 && weight.shape[2...] == [window.height, window.width],
            "convolution weight \(weight.shape) under a window of [\(window.height), \(window.width)]")
        precondition(bias.map { $0.shape == [weight.shape[0]] } ?? true, "bias does not fit weight \(weight.shape)")
        self.weight = weight
        self.bias = bias
        self.groups = groups
        self.window = window
    }

    /// Channels that come out.
    public var outputChannels: Int { weight.shape[0] }
    /// Channels that go in.
    public var inputChannels: Int { weight.shape[1] * groups }
}

/// y = (x - mean) / sqrt(variance + epsilon) * scale + shift, per channel (Ioffe and Szegedy 2015, at inference).
public struct BatchNormalization: Sendable, Hashable {
    /// One number a channel each, shape `[channels]`.
    public let scale, shift, mean, variance: DenseTensor
    /// Added to the variance; torch.nn.BatchNorm2d has 1e-5.
    public let epsilon: Float

    /// A normalization of as many channels as each tensor has numbers.
    public init(scale: DenseTensor, shift: DenseTensor, mean: DenseTensor, variance: DenseTensor, epsilon: Float = 1e-5)
    {
        precondition(
            [shift, mean, variance].allSatisfy { $0.shape == scale.shape } && scale.shape.count == 1,
            "batch normalization tensors \([scale, shift, mean, variance].map(\.shape))")
        self.scale = scale
        self.shift = shift
        self.mean = mean
        self.variance = variance
        self.epsilon = epsilon
    }

    /// The channels it is for.
    public var channels: Int { scale.shape[0] }

    /// `x * scale + shift` for each channel: a normalization whose statistics are exactly 0 and 1.
    public static func affine(scale: [Float], shift: [Float]) -> BatchNormalization {
        let shape = [scale.count]
        let constant = { (value: Float) in
            DenseTensor(shape: shape, elements: [Float](repeating: value, count: shape[0]))
        }
        return BatchNormalization(
            scale: DenseTensor(shape: shape, elements: scale), shift: DenseTensor(shape: shape, elements: shift),
            mean: constant(0), variance: constant(1), epsilon: 0)
    }

    /// Whether nothing is normalized.
    var isAffine: Bool {
        epsilon == 0 && mean.elements.allSatisfy { $0 == 0 } && variance.elements.allSatisfy { $0 == 1 }
    }
}

/// How a channel's values become one.
public enum GlobalPool: Sendable, Hashable {
    /// Their mean.
    case average
    /// The largest.
    case max
    /// Generalized mean, (mean(max(x, epsilon)^exponent))^(1/exponent) (Radenović, Tolias and Chum 2018, equation 3).
    case generalizedMean(exponent: Float, epsilon: Float)
}

/// y = W x + b, as in torch.nn.Linear.
public struct Linear: Sendable, Hashable {
    /// Shape `[outputs, inputs]`.
    public let weight: DenseTensor
    /// Shape `[outputs]`, or nil for none.
    public let bias: DenseTensor?

    /// A dense layer of the weight's shape.
    public init(weight: DenseTensor, bias: DenseTensor? = nil) {
        precondition(weight.shape.count == 2, "linear weight \(weight.shape)")
        precondition(bias.map { $0.shape == [weight.shape[0]] } ?? true, "bias does not fit weight \(weight.shape)")
        self.weight = weight
        self.bias = bias
    }

    /// Numbers that go in.
    public var inputs: Int { weight.shape[1] }
    /// Numbers that come out.
    public var outputs: Int { weight.shape[0] }
}
