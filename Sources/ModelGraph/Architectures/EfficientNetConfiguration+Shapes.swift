extension EfficientNetConfiguration {
    /// The configuration that tensors in timm's names show, or nil where they are not seven stages between two convolutions.
    /// Single tensors may be missing or of a wrong shape; comparing with the blueprint finds them.
    ///
    /// Depths, widths and those of the gates are read. Kernels and expansions are the family's: MnasNet, FBNet and others have
    /// tensors of the same names and differ in these, but in strides or activations as well, which do not show.
    init?(shapes: [String: [Int]], origin: EfficientNetOrigin) {
        guard let stem = StageShapes.kernels(shapes["conv_stem.weight"]),
            let head = StageShapes.kernels(shapes["conv_head.weight"])
        else { return nil }
        let family = Self.family(shapes)
        var (stages, channels): ([Stage], Int) = ([], stem[0])
        for number in 0..<7 {
            let found = StageShapes("blocks.\(number)", in: shapes)
            let projection = Self.expansions[number] > 1 ? "conv_pwl" : "conv_pw"
            guard let outputs = found.commonShape(projection)?[0] else { return nil }
            let squeezes = (0..<found.blocks).map { block -> Int? in
                guard family == .efficientNet else { return nil }
                let inputs = block == 0 ? channels : outputs
                return found.shape("se.conv_reduce", of: block)?[0] ?? Self.usualSqueeze(inputs)
            }
            stages.append(Stage(outputs: outputs, squeezes: squeezes))
            channels = outputs
        }
        self.init(
            family: family, inputChannels: stem[1], stem: stem[0], stages: stages, head: head[0],
            classes: Blueprint.classes("classifier", in: shapes), origin: origin, epsilon: origin.epsilon)
    }

    private static func family(_ shapes: [String: [Int]]) -> Family {
        if shapes.keys.contains(where: { $0.hasSuffix(".se.conv_reduce.weight") }) { return .efficientNet }
        let third = StageShapes("blocks.2", in: shapes).commonShape("conv_dw")
        return third?[2] == 3 ? .mobileNetV2 : .lite
    }
}
