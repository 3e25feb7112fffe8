/// EfficientNet-Lite0 (Tan and Le 2019; the "lite" form without squeeze-and-excitation and with ReLU6, as Google published
/// it for TensorFlow): "SAME" padding that goes right and below, batch normalization with epsilon 1e-3.
enum EfficientNetLite0 {
    /// The architecture's name.
    static let name = "efficientnet-lite0"

    /// Inverted residual blocks of one shape.
    struct Stage: Sendable {
        let blocks, kernel, stride, expansion, outputs: Int
    }

    /// Table 1 of the paper at width and depth 1.0.
    static let stages = [
        Stage(blocks: 1, kernel: 3, stride: 1, expansion: 1, outputs: 16),
        Stage(blocks: 2, kernel: 3, stride: 2, expansion: 6, outputs: 24),
        Stage(blocks: 2, kernel: 5, stride: 2, expansion: 6, outputs: 40),
        Stage(blocks: 3, kernel: 3, stride: 2, expansion: 6, outputs: 80),
        Stage(blocks: 3, kernel: 5, stride: 1, expansion: 6, outputs: 112),
        Stage(blocks: 4, kernel: 5, stride: 2, expansion: 6, outputs: 192),
        Stage(blocks: 1, kernel: 3, stride: 1, expansion: 6, outputs: 320),
    ]

    /// The layers under timm's names; `classes` is nil for a network without its last layer.
    static func blueprint(classes: Int? = 1000) -> Blueprint {
        var blueprint = Blueprint(architecture: name, inputChannels: 3)
        blueprint.convolve("conv_stem", [32, 3, 3, 3], stride: 2)
        blueprint.normalize("bn1", 32, activation: "act1")
        var channels = 32
        for (index, stage) in stages.enumerated() {
            for block in 0..<stage.blocks {
                let stride = block == 0 ? stage.stride : 1
                addBlock("blocks.\(index).\(block)", stage, channels, stride, to: &blueprint)
                channels = stage.outputs
            }
        }
        blueprint.convolve("conv_head", [1280, channels, 1, 1])
        blueprint.normalize("bn2", 1280, activation: "act2")
        blueprint.add("global_pool", .fixed(.globalPool(.average)))
        blueprint.add("flatten", .fixed(.flatten))
        if let classes { blueprint.add("classifier", .linear(inputs: 1280, outputs: classes)) }
        return blueprint
    }

    private static func addBlock(
        _ name: String, _ stage: Stage, _ channels: Int, _ stride: Int, to blueprint: inout Blueprint
    ) {
        let (entry, width) = (blueprint.last, channels * stage.expansion)
        var norm = 1
        if stage.expansion > 1 {
            blueprint.convolve("\(name).conv_pw", [width, channels, 1, 1])
            blueprint.normalize("\(name).bn1", width, activation: "\(name).act1")
            norm = 2
        }
        let kernel = [width, 1, stage.kernel, stage.kernel]
        blueprint.convolve("\(name).conv_dw", kernel, groups: width, stride: stride)
        blueprint.normalize("\(name).bn\(norm)", width, activation: "\(name).act\(norm)")
        blueprint.convolve("\(name).\(stage.expansion > 1 ? "conv_pwl" : "conv_pw")", [stage.outputs, width, 1, 1])
        blueprint.normalize("\(name).bn\(norm + 1)", stage.outputs)
        if stride == 1 && channels == stage.outputs {
            blueprint.add("\(name).add", .fixed(.add), inputs: [blueprint.last, entry])
        }
    }
}

extension Blueprint {
    fileprivate mutating func convolve(_ name: String, _ weight: [Int], groups: Int = 1, stride: Int = 1) {
        let padding: Padding = weight[2] == 1 ? .all(0) : .same
        add(name, .convolution(weight: weight, groups: groups, stride: stride, padding: padding))
    }

    fileprivate mutating func normalize(_ name: String, _ channels: Int, activation: String? = nil) {
        add(name, .batchNormalization(channels: channels, epsilon: 1e-3))
        if let activation { add(activation, .fixed(.activation(.relu6))) }
    }
}
