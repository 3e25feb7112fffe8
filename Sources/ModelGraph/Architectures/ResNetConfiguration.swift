/// What tells one ResNet from another: He, Zhang, Ren and Sun, "Deep Residual Learning for Image Recognition" (2016), with
/// the groups of ResNeXt (Xie et al. 2017) and any widths (Zagoruyko and Komodakis 2016).
struct ResNetConfiguration: Sendable, Hashable {
    /// One of the four groups of blocks that work at the same size.
    struct Stage: Sendable, Hashable {
        /// How many blocks.
        var blocks: Int
        /// Channels between the convolutions of a block.
        var width: Int
        /// Channels that a block gives.
        var outputs: Int
    }

    /// Whether a block has three convolutions, the middle one 3x3, rather than two of 3x3.
    var isBottleneck: Bool
    /// Channels of the picture.
    var inputChannels = 3
    /// Channels after the first convolution.
    var stem = 64
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

    /// torchvision's name where all but the number of classes is standard, else a description such as
    /// `bottleneck resnet [3, 4, 6, 3], stem 8, widths [16, 32, 64, 128], outputs [32, 64, 128, 256], 4 groups`.
    var name: String {
        let known = Self.standard.first { _, standard in
            var same = standard
            same.classes = classes
            return same == self
        }
        if let known { return known.name }
        return "\(isBottleneck ? "bottleneck" : "basic") resnet \(stages.map(\.blocks)), stem \(stem), "
            + "widths \(stages.map(\.width)), outputs \(stages.map(\.outputs))"
            + (groups > 1 ? ", \(groups) groups" : "") + (inputChannels == 3 ? "" : ", \(inputChannels) input channels")
    }
}

extension ResNetConfiguration {
    /// The configuration that tensors in torchvision's names show, or nil where they are not a ResNet with a 7x7 stem and
    /// four stages. Single tensors may be missing or of a wrong shape; comparing with the blueprint finds them.
    init?(shapes: [String: [Int]]) {
        guard let stem = shapes["conv1.weight"], stem.count == 4, stem[2...] == [7, 7],
            stem[0] > 0, stem[1] > 0
        else { return nil }
        let isBottleneck = shapes.keys.contains { $0.hasPrefix("layer1.") && $0.hasSuffix(".conv3.weight") }
        var stages: [Stage] = []
        var groups = 1
        for stage in 1...4 {
            let blocks = Self.blockCount(of: stage, in: shapes)
            let first = Self.commonShape("conv1", of: stage, blocks, in: shapes)
            let middle = Self.commonShape("conv2", of: stage, blocks, in: shapes)
            let last = isBottleneck ? Self.commonShape("conv3", of: stage, blocks, in: shapes) : middle
            guard blocks > 0, let first, let middle, let last else { return nil }
            stages.append(Stage(blocks: blocks, width: first[0], outputs: last[0]))
            if stage == 1, isBottleneck { groups = max(1, first[0] / max(1, middle[1])) }
        }
        guard stages.allSatisfy({ $0.width > 0 && $0.width % groups == 0 && $0.outputs > 0 }) else { return nil }
        self.init(
            isBottleneck: isBottleneck, inputChannels: stem[1], stem: stem[0], stages: stages, groups: groups,
            classes: Blueprint.classes("fc", in: shapes))
    }

    /// How many blocks a stage has, counted from 0 without a gap.
    private static func blockCount(of stage: Int, in shapes: [String: [Int]]) -> Int {
        let parts = shapes.keys.lazy.map { $0.split(separator: ".", maxSplits: 2) }
        let found = Set(parts.filter { $0.count == 3 && $0[0] == "layer\(stage)" }.compactMap { Int($0[1]) })
        return (0...).first { !found.contains($0) } ?? 0
    }

    /// The shape that most blocks of a stage have for one of their convolutions; the first block is left out where others
    /// are, as it takes another number of channels.
    private static func commonShape(
        _ convolution: String, of stage: Int, _ blocks: Int, in shapes: [String: [Int]]
    ) -> [Int]? {
        let found = (0..<blocks).compactMap { shapes["layer\(stage).\($0).\(convolution).weight"] }.filter {
            $0.count == 4 && $0.allSatisfy { $0 > 0 }
        }
        let counts = Dictionary(found.map { ($0, 1) }, uniquingKeysWith: +)
        return found.max { counts[$0, default: 0] < counts[$1, default: 0] }
    }
}

extension ResNetConfiguration {
    /// The layers, under the names that torchvision's feature extraction gives them. The stride is in the 3x3 convolution
    /// of a bottleneck, as torchvision and transformers have it (the "v1.5" of NVIDIA's model zoo).
    var blueprint: Blueprint {
        var blueprint = Blueprint(architecture: name, inputChannels: inputChannels)
        blueprint.convolve("conv1", [stem, inputChannels, 7, 7], stride: 2)
        blueprint.normalize("bn1", stem)
        blueprint.add("relu", .fixed(.activation(.relu)))
        blueprint.add("maxpool", .fixed(.maxPool(Window(size: 3, stride: 2, padding: .all(1)))))
        var channels = stem
        for (index, stage) in stages.enumerated() {
            for block in 0..<stage.blocks {
                let stride = block == 0 && index > 0 ? 2 : 1
                addBlock("layer\(index + 1).\(block)", stage, channels, stride, to: &blueprint)
                channels = stage.outputs
            }
        }
        blueprint.add("avgpool", .fixed(.globalPool(.average)))
        blueprint.add("flatten", .fixed(.flatten))
        if let classes { blueprint.add("fc", .linear(inputs: channels, outputs: classes)) }
        return blueprint
    }

    private func addBlock(_ name: String, _ stage: Stage, _ channels: Int, _ stride: Int, to blueprint: inout Blueprint)
    {
        let (width, outputs, entry) = (stage.width, stage.outputs, blueprint.last)
        if isBottleneck {
            blueprint.convolve("\(name).conv1", [width, channels, 1, 1])
            blueprint.normalize("\(name).bn1", width)
            blueprint.add("\(name).relu", .fixed(.activation(.relu)))
            blueprint.convolve("\(name).conv2", [width, width / groups, 3, 3], groups: groups, stride: stride)
            blueprint.normalize("\(name).bn2", width)
            blueprint.add("\(name).relu_1", .fixed(.activation(.relu)))
            blueprint.convolve("\(name).conv3", [outputs, width, 1, 1])
            blueprint.normalize("\(name).bn3", outputs)
        } else {
            blueprint.convolve("\(name).conv1", [width, channels, 3, 3], stride: stride)
            blueprint.normalize("\(name).bn1", width)
            blueprint.add("\(name).relu", .fixed(.activation(.relu)))
            blueprint.convolve("\(name).conv2", [outputs, width, 3, 3])
            blueprint.normalize("\(name).bn2", outputs)
        }
        let branch = blueprint.last
        var shortcut = entry
        if stride != 1 || channels != outputs {
            blueprint.convolve("\(name).downsample.0", [outputs, channels, 1, 1], stride: stride, after: entry)
            blueprint.normalize("\(name).downsample.1", outputs)
            shortcut = blueprint.last
        }
        blueprint.add("\(name).add", .fixed(.add), inputs: [branch, shortcut])
        blueprint.add("\(name).relu_\(isBottleneck ? 2 : 1)", .fixed(.activation(.relu)))
    }
}

extension Blueprint {
    /// A convolution that keeps the map's size but for its stride.
    fileprivate mutating func convolve(
        _ name: String, _ weight: [Int], groups: Int = 1, stride: Int = 1, after input: String? = nil
    ) {
        let step = Step.convolution(weight: weight, groups: groups, stride: stride, padding: .all(weight[2] / 2))
        add(name, step, inputs: input.map { [$0] })
    }

    fileprivate mutating func normalize(_ name: String, _ channels: Int) {
        add(name, .batchNormalization(channels: channels, epsilon: 1e-5))
    }
}
