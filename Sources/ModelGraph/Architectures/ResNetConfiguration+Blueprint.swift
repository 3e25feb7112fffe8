extension ResNetConfiguration {
    /// The layers, under the names that torchvision's feature extraction gives them. The stride is in the 3x3 convolution
    /// of a bottleneck, as torchvision and transformers have it (the "v1.5" of NVIDIA's model zoo).
    var blueprint: Blueprint {
        var blueprint = Blueprint(architecture: name, inputChannels: inputChannels)
        addStem(to: &blueprint)
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

    private func addStem(to blueprint: inout Blueprint) {
        if deepStem.isEmpty {
            blueprint.convolve("conv1", [stem, inputChannels, 7, 7], stride: 2)
        } else {
            var channels = inputChannels
            for (index, width) in deepStem.enumerated() {
                blueprint.convolve("conv1.\(3 * index)", [width, channels, 3, 3], stride: index == 0 ? 2 : 1)
                blueprint.normalize("conv1.\(3 * index + 1)", width)
                blueprint.add("conv1.\(3 * index + 2)", .fixed(.activation(.relu)))
                channels = width
            }
            blueprint.convolve("conv1.\(3 * deepStem.count)", [stem, channels, 3, 3])
        }
        blueprint.normalize("bn1", stem)
        blueprint.add("relu", .fixed(.activation(.relu)))
        blueprint.add("maxpool", .fixed(.maxPool(Window(size: 3, stride: 2, padding: .all(1)))))
    }

    private func addBlock(_ name: String, _ stage: Stage, _ channels: Int, _ stride: Int, to blueprint: inout Blueprint)
    {
        let entry = blueprint.last
        if isBottleneck {
            addBottleneck(name, stage, channels, stride, to: &blueprint)
        } else {
            addBasic(name, stage, channels, stride, to: &blueprint)
        }
        if let squeeze = stage.squeeze {
            // timm's SEModule, the ReLU of the paper in it.
            blueprint.squeezeAndExcite(
                "\(name).se", channels: stage.outputs, reduced: squeeze, activation: .relu,
                layers: ("fc1", "act", "fc2"))
        }
        let branch = blueprint.last
        var shortcut = entry
        if stride != 1 || channels != stage.outputs {
            addShortcut("\(name).downsample", [stage.outputs, channels, 1, 1], stride, after: entry, to: &blueprint)
            shortcut = blueprint.last
        }
        blueprint.add("\(name).add", .fixed(.add), inputs: [branch, shortcut])
        blueprint.add("\(name).relu_\(isBottleneck ? 2 : 1)", .fixed(.activation(.relu)))
    }

    private func addBottleneck(
        _ name: String, _ stage: Stage, _ channels: Int, _ stride: Int, to blueprint: inout Blueprint
    ) {
        let (width, outputs) = (stage.width, stage.outputs)
        blueprint.convolve("\(name).conv1", [width, channels, 1, 1])
        blueprint.normalize("\(name).bn1", width)
        blueprint.add("\(name).relu", .fixed(.activation(.relu)))
        blueprint.convolve("\(name).conv2", [width, width / groups, 3, 3], groups: groups, stride: stride)
        blueprint.normalize("\(name).bn2", width)
        blueprint.add("\(name).relu_1", .fixed(.activation(.relu)))
        blueprint.convolve("\(name).conv3", [outputs, width, 1, 1])
        blueprint.normalize("\(name).bn3", outputs)
    }

    private func addBasic(_ name: String, _ stage: Stage, _ channels: Int, _ stride: Int, to blueprint: inout Blueprint)
    {
        blueprint.convolve("\(name).conv1", [stage.width, channels, 3, 3], stride: stride)
        blueprint.normalize("\(name).bn1", stage.width)
        blueprint.add("\(name).relu", .fixed(.activation(.relu)))
        blueprint.convolve("\(name).conv2", [stage.outputs, stage.width, 3, 3])
        blueprint.normalize("\(name).bn2", stage.outputs)
    }

    private func addShortcut(
        _ name: String, _ weight: [Int], _ stride: Int, after entry: String, to blueprint: inout Blueprint
    ) {
        var (first, stride, input) = (0, stride, entry)
        if averagesShortcuts {
            if stride > 1 {
                // timm's downsample_avg: AvgPool2d(2, stride, ceil_mode=True, count_include_pad=False).
                let window = Window(size: 2, stride: stride, roundsUp: true)
                blueprint.add("\(name).0", .fixed(.averagePool(window, countsPadding: false)), inputs: [entry])
                (stride, input) = (1, blueprint.last)
            }
            first = 1
        }
        blueprint.convolve("\(name).\(first)", weight, stride: stride, after: input)
        blueprint.normalize("\(name).\(first + 1)", weight[0])
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
