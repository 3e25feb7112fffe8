extension EfficientNetConfiguration {
    /// The layers under timm's names.
    var blueprint: Blueprint {
        var blueprint = Blueprint(architecture: name, inputChannels: inputChannels)
        convolve("conv_stem", [stem, inputChannels, 3, 3], stride: 2, in: &blueprint)
        normalize("bn1", stem, activation: "act1", in: &blueprint)
        var channels = stem
        for (index, stage) in stages.enumerated() {
            for (block, squeeze) in stage.squeezes.enumerated() {
                let block = Block(
                    name: "blocks.\(index).\(block)", inputs: channels, outputs: stage.outputs, kernel: kernels[index],
                    stride: block == 0 ? Self.strides[index] : 1, expansion: Self.expansions[index], squeeze: squeeze)
                add(block, to: &blueprint)
                channels = stage.outputs
            }
        }
        convolve("conv_head", [head, channels, 1, 1], in: &blueprint)
        normalize("bn2", head, activation: "act2", in: &blueprint)
        blueprint.add("global_pool", .fixed(.globalPool(.average)))
        blueprint.add("flatten", .fixed(.flatten))
        if let classes { blueprint.add("classifier", .linear(inputs: head, outputs: classes)) }
        return blueprint
    }

    /// An inverted residual: expand, filter each channel, weigh the channels, project.
    private struct Block {
        let name: String
        let inputs, outputs, kernel, stride, expansion: Int
        let squeeze: Int?
    }

    private func add(_ block: Block, to blueprint: inout Blueprint) {
        let (name, entry, width) = (block.name, blueprint.last, block.inputs * block.expansion)
        var norm = 1
        if block.expansion > 1 {
            convolve("\(name).conv_pw", [width, block.inputs, 1, 1], in: &blueprint)
            normalize("\(name).bn1", width, activation: "\(name).act1", in: &blueprint)
            norm = 2
        }
        let kernel = [width, 1, block.kernel, block.kernel]
        convolve("\(name).conv_dw", kernel, groups: width, stride: block.stride, in: &blueprint)
        normalize("\(name).bn\(norm)", width, activation: "\(name).act\(norm)", in: &blueprint)
        if let squeeze = block.squeeze {
            blueprint.squeezeAndExcite(
                "\(name).se", channels: width, reduced: squeeze, activation: activation,
                layers: ("conv_reduce", "act1", "conv_expand"))
        }
        let projection = block.expansion > 1 ? "conv_pwl" : "conv_pw"
        convolve("\(name).\(projection)", [block.outputs, width, 1, 1], in: &blueprint)
        normalize("\(name).bn\(norm + 1)", block.outputs, in: &blueprint)
        if block.stride == 1 && block.inputs == block.outputs {
            blueprint.add("\(name).add", .fixed(.add), inputs: [blueprint.last, entry])
        }
    }

    private func convolve(
        _ name: String, _ weight: [Int], groups: Int = 1, stride: Int = 1, in blueprint: inout Blueprint
    ) {
        let padding = origin.padding(kernel: weight[2])
        blueprint.add(name, .convolution(weight: weight, groups: groups, stride: stride, padding: padding))
    }

    private func normalize(
        _ name: String, _ channels: Int, activation layer: String? = nil, in blueprint: inout Blueprint
    ) {
        blueprint.add(name, .batchNormalization(channels: channels, epsilon: epsilon))
        if let layer { blueprint.add(layer, .fixed(.activation(activation))) }
    }
}
