/// What tells one ResNet from another: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition" (2016), with
/// the groups of ResNeXt (Xie et al. 2017), any widths (Zagoruyko and Komodakis 2016), the stems and shortcuts of ResNet-C and
/// ResNet-D (He et al., "Bag of Tricks for Image Classification", 2019) and the gates of SE-ResNet (Hu, Shen and Sun 2018).
struct ResNetConfiguration: Sendable, Hashable {
    /// One of the four groups of blocks that work at the same size.
    struct Stage: Sendable, Hashable {
        /// How many blocks.
        var blocks: Int
        /// Channels between the convolutions of a block.
        var width: Int
        /// Channels that a block gives.
        var outputs: Int
        /// Channels in the middle of the gate at a block's end; nil where blocks have none.
        var squeeze: Int?
    }

    /// Whether a block has three convolutions, the middle one 3x3, rather than two of 3x3.
    var isBottleneck: Bool
    /// Channels of the picture.
    var inputChannels = 3
    /// Channels after the stem.
    var stem = 64
    /// Channels after the first and the second of a stem of three 3x3 convolutions; empty where it is one of 7x7.
    var deepStem: [Int] = []
    /// Whether the shortcut of a block with a stride averages 2x2 windows, rather than leaving out three pixels of four.
    var averagesShortcuts = false
    /// The four stages.
    var stages: [Stage]
    /// Into how many groups the 3x3 convolutions of bottlenecks are split.
    var groups = 1
    /// How many classes the last layer tells apart; nil where there is none.
    var classes: Int? = 1000

    /// The networks that torchvision has names for, in its order.
    static let standard: [(name: String, configuration: ResNetConfiguration)] = [
        ("resnet18", basic([2, 2, 2, 2])), ("resnet34", basic([3, 4, 6, 3])),
        ("resnet50", bottleneck([3, 4, 6, 3])), ("resnet101", bottleneck([3, 4, 23, 3])),
        ("resnet152", bottleneck([3, 8, 36, 3])),
        ("resnext50_32x4d", bottleneck([3, 4, 6, 3], width: 128, groups: 32)),
        ("resnext101_32x8d", bottleneck([3, 4, 23, 3], width: 256, groups: 32)),
        ("resnext101_64x4d", bottleneck([3, 4, 23, 3], width: 256, groups: 64)),
        ("wide_resnet50_2", bottleneck([3, 4, 6, 3], width: 128)),
        ("wide_resnet101_2", bottleneck([3, 4, 23, 3], width: 128)),
    ]

    private static func basic(_ blocks: [Int]) -> Self {
        Self(
            isBottleneck: false,
            stages: zip(blocks, [64, 128, 256, 512]).map { Stage(blocks: $0, width: $1, outputs: $1) })
    }

    private static func bottleneck(_ blocks: [Int], width: Int = 64, groups: Int = 1) -> Self {
        Self(
            isBottleneck: true,
            stages: zip(blocks, 0..<4).map { Stage(blocks: $0, width: width << $1, outputs: 256 << $1) }, groups: groups
        )
    }

    /// torchvision's or timm's name where all but the number of classes is standard, such as `resnet50` or `seresnet50`; else
    /// a description such as `bottleneck resnet [3, 4, 6, 3], stem 8, widths [16, 32, 64, 128], outputs [32, 64, 128, 256]`.
    var name: String {
        let known = Self.standard.first { $0.configuration == plain }?.name
        if let known, let variant = variantName(of: known) { return variant }
        let description =
            known ?? "\(isBottleneck ? "bottleneck" : "basic") resnet \(stages.map(\.blocks)), stem \(stem), "
            + "widths \(stages.map(\.width)), outputs \(stages.map(\.outputs))"
            + (groups > 1 ? ", \(groups) groups" : "") + (inputChannels == 3 ? "" : ", \(inputChannels) input channels")
        return description + (deepStem.isEmpty ? "" : ", deep stem \(deepStem)")
            + (averagesShortcuts ? ", averaging shortcuts" : "")
            + (squeezes.isEmpty ? "" : ", gates \(squeezes)")
    }

    private var squeezes: [Int] { stages.compactMap(\.squeeze) }

    /// The same without what ResNet-C, ResNet-D and SE-ResNet changed, and with the usual number of classes.
    private var plain: Self {
        var plain = self
        plain.classes = 1000
        plain.deepStem = []
        plain.averagesShortcuts = false
        for stage in plain.stages.indices { plain.stages[stage].squeeze = nil }
        return plain
    }

    /// timm's name for this variant of the standard network `name`, or nil where it has none.
    private func variantName(of name: String) -> String? {
        // SEModule of timm: a sixteenth of the channels.
        guard squeezes.isEmpty || squeezes == stages.map({ $0.outputs / 16 }) else { return nil }
        let gated = squeezes.isEmpty ? "" : "se"
        if deepStem.isEmpty && !averagesShortcuts { return gated + name }
        guard deepStem == [32, 32], !name.contains("_") else { return nil }
        return gated + name + (averagesShortcuts ? "d" : "c")
    }
}
