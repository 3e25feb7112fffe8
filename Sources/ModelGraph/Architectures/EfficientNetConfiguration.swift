/// What tells one EfficientNet from another: Tan and Le, "EfficientNet: Rethinking Model Scaling for Convolutional Neural
/// Networks" (2019). MobileNetV2 (Sandler et al. 2018) has the same form and, in timm, the same names.
struct EfficientNetConfiguration: Sendable, Hashable {
    /// What the paper's scaling does not change.
    enum Family: String, Sendable, Hashable {
        /// The paper's networks, with gates (squeeze-and-excitation) and SiLU.
        case efficientNet = "efficientnet"
        /// Google's form for small processors: no gates, ReLU6.
        case lite = "efficientnet-lite"
        /// The network that EfficientNet's blocks come from: kernels of 3x3 only, no gates, ReLU6.
        case mobileNetV2 = "mobilenetv2"
    }

    /// One of the seven groups of blocks.
    struct Stage: Sendable, Hashable {
        /// Channels that a block gives.
        var outputs: Int
        /// For each block the channels in the middle of its gate; nil in it where it has none.
        var squeezes: [Int?]
    }

    var family: Family
    /// Channels of the picture.
    var inputChannels = 3
    /// Channels after the first convolution.
    var stem: Int
    var stages: [Stage]
    /// Channels of the features.
    var head: Int
    /// How many classes the last layer tells apart; nil where there is none.
    var classes: Int? = 1000
    /// Decides the padding.
    var origin: EfficientNetOrigin
    /// Added to the variances in batch normalization.
    var epsilon: Float

    /// The stride of each stage's first block: table 1 of the paper, and table 2 of MobileNetV2's.
    static let strides = [1, 2, 2, 2, 1, 2, 1]
    /// How many times wider a block is inside than what comes in.
    static let expansions = [1, 6, 6, 6, 6, 6, 6]
    /// The windows of the depthwise convolutions.
    var kernels: [Int] { family == .mobileNetV2 ? [3, 3, 3, 3, 3, 3, 3] : [3, 3, 5, 3, 5, 5, 3] }
    /// What follows on batch normalization.
    var activation: Activation { family == .efficientNet ? .silu : .relu6 }

    /// A number of channels `width` times larger, rounded to a multiple of 8 that is at most 10 % less (`round_filters` in
    /// Google's efficientnet_builder.py).
    static func scaled(_ channels: Int, by width: Double) -> Int {
        let exact = Double(channels) * width
        let rounded = max(8, Int(exact + 4) / 8 * 8)
        return Double(rounded) < 0.9 * exact ? rounded + 8 : rounded
    }

    /// The network of table 1 of the paper, scaled. The lite ones keep stem, head and the depth of the first and the last
    /// stage (Google's efficientnet_lite_builder.py).
    static func scaled(_ family: Family, width: Double, depth: Double, origin: EfficientNetOrigin) -> Self {
        let isLite = family != .efficientNet
        let outputs = [16, 24, 40, 80, 112, 192, 320].map { scaled($0, by: width) }
        let depths = [1, 2, 2, 3, 3, 4, 1].enumerated().map { stage, blocks in
            isLite && (stage == 0 || stage == 6) ? blocks : Int((Double(blocks) * depth).rounded(.up))
        }
        let stem = isLite ? 32 : scaled(32, by: width)
        let inputs = [stem] + outputs
        let stages = zip(outputs, depths).enumerated().map { stage, size in
            let squeezes = (0..<size.1).map { isLite ? nil : usualSqueeze(inputs[stage + ($0 == 0 ? 0 : 1)]) }
            return Stage(outputs: size.0, squeezes: squeezes)
        }
        return Self(
            family: family, stem: stem, stages: stages, head: isLite ? 1280 : scaled(1280, by: width), origin: origin,
            epsilon: origin.epsilon)
    }

    /// Channels in the middle of a gate of a block with that many inputs: a quarter (`se_ratio` in Google's
    /// efficientnet_builder.py).
    static func usualSqueeze(_ inputs: Int) -> Int { max(1, inputs / 4) }
}
