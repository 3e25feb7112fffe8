/// What other libraries call the tensors of EfficientNets, in timm's names.
enum EfficientNetNames {
    /// The name for torchvision's `features.0.0.weight`, `features.2.0.block.1.0.weight` or `classifier.1.weight`, or nil where
    /// it has no such form.
    static func torchvision(_ name: String) -> String? {
        let parts = name.split(separator: ".").map(String.init)
        guard let leaf = parts.last else { return nil }
        if parts.count == 3, parts[0] == "classifier", parts[1] == "1" { return "classifier.\(leaf)" }
        guard parts.count >= 4, parts[0] == "features", let number = Int(parts[1]) else { return nil }
        if parts.count == 4 {
            let outer = ["0.0": "conv_stem", "0.1": "bn1", "8.0": "conv_head", "8.1": "bn2"]
            return outer["\(number).\(parts[2])"].map { "\($0).\(leaf)" }
        }
        guard (1...7).contains(number), parts.count == 7, parts[3] == "block", let position = Int(parts[4]) else {
            return nil
        }
        let inner = blockLayer(position, parts[5], isExpanded: EfficientNetConfiguration.expansions[number - 1] > 1)
        return inner.map { "blocks.\(number - 1).\(parts[2]).\($0).\(leaf)" }
    }

    /// A layer of torchvision's MBConv, whose parts are numbered; there is no part for an expansion by 1.
    private static func blockLayer(_ position: Int, _ layer: String, isExpanded: Bool) -> String? {
        guard (0..<4).contains(position) else { return nil }
        let part = isExpanded ? position : position + 1
        let layers = [
            "0.0": "conv_pw", "0.1": "bn1", "1.0": "conv_dw", "1.1": isExpanded ? "bn2" : "bn1",
            "2.fc1": "se.conv_reduce", "2.fc2": "se.conv_expand", "3.0": isExpanded ? "conv_pwl" : "conv_pw",
            "3.1": isExpanded ? "bn3" : "bn2",
        ]
        return layers["\(part).\(layer)"]
    }

    /// The name for `_conv_stem.weight` or `_blocks.3._depthwise_conv.weight` of EfficientNet-PyTorch, which counts blocks
    /// through all stages; `depths` says how many each has. Nil where it has no such form.
    static func efficientNetPyTorch(_ name: String, depths: [Int]) -> String? {
        let parts = name.split(separator: ".").map(String.init)
        guard let leaf = parts.last else { return nil }
        if parts.count == 2 {
            let outer = [
                "_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2", "_fc": "classifier",
            ]
            return outer[parts[0]].map { "\($0).\(leaf)" }
        }
        guard parts.count == 4, parts[0] == "_blocks", let number = Int(parts[1]), number >= 0 else { return nil }
        var block = number
        for (stage, depth) in depths.enumerated() {
            if block < depth {
                let isExpanded = EfficientNetConfiguration.expansions[stage] > 1
                let inner = [
                    "_expand_conv": "conv_pw", "_depthwise_conv": "conv_dw", "_se_reduce": "se.conv_reduce",
                    "_se_expand": "se.conv_expand", "_project_conv": isExpanded ? "conv_pwl" : "conv_pw", "_bn0": "bn1",
                    "_bn1": isExpanded ? "bn2" : "bn1", "_bn2": isExpanded ? "bn3" : "bn2",
                ]
                return inner[parts[2]].map { "blocks.\(stage).\(block).\($0).\(leaf)" }
            }
            block -= depth
        }
        return nil
    }
}
