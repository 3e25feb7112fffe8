/// Which library named the tensors of a file, and how its names become those of the blueprints.
enum TensorNaming: Sendable {
    /// torchvision's and timm's ResNets: `layer1.0.conv1.weight`.
    case torchvision
    /// Hugging Face transformers' ResNets: `resnet.encoder.stages.0.layers.0.layer.0.convolution.weight`.
    case transformers
    /// The EfficientNets of the Python package efficientnet_lite_pytorch: `_blocks.0._depthwise_conv.weight`.
    case efficientNetLite

    /// The naming that `names` show, or nil where it is none of these.
    init?(names: Set<String>) {
        if names.contains("conv1.weight") || names.contains("conv1.0.weight"),
            names.contains(where: { $0.hasPrefix("layer1.0.") })
        {
            self = .torchvision
        } else if names.contains(where: { $0.hasSuffix("embedder.embedder.convolution.weight") }) {
            self = .transformers
        } else if names.contains("_conv_stem.weight"), names.contains(where: { $0.hasPrefix("_blocks.0.") }) {
            self = .efficientNetLite
        } else {
            return nil
        }
    }

    /// The name that the blueprints have for the tensor that a file calls `name`; the same where there is no other.
    func blueprintName(of name: String) -> String {
        switch self {
        case .torchvision: name
        case .transformers: Self.transformersName(name) ?? name
        case .efficientNetLite: Self.efficientNetName(name) ?? name
        }
    }

    private static func transformersName(_ name: String) -> String? {
        var parts = name.split(separator: ".").map(String.init)
        if parts.first == "resnet" { parts.removeFirst() }
        guard let leaf = parts.last else { return nil }
        let isNorm = parts.dropLast().last == "normalization"
        if parts.starts(with: ["embedder", "embedder"]), parts.count == 4 {
            return "\(isNorm ? "bn1" : "conv1").\(leaf)"
        }
        if parts.starts(with: ["classifier", "1"]), parts.count == 3 { return "fc.\(leaf)" }
        guard parts.starts(with: ["encoder", "stages"]), parts.count >= 8, parts[3] == "layers",
            let stage = Int(parts[2]),
            stage >= 0, stage < 100
        else { return nil }
        let block = "layer\(stage + 1).\(parts[4])"
        if parts[5] == "shortcut", parts.count == 8 { return "\(block).downsample.\(isNorm ? 1 : 0).\(leaf)" }
        guard parts[5] == "layer", parts.count == 9, let index = Int(parts[6]), index >= 0, index < 100 else {
            return nil
        }
        return "\(block).\(isNorm ? "bn" : "conv")\(index + 1).\(leaf)"
    }

    private static func efficientNetName(_ name: String) -> String? {
        let parts = name.split(separator: ".").map(String.init)
        guard let leaf = parts.last else { return nil }
        if parts.count == 2 {
            let outer = ["_conv_stem": "conv_stem", "_bn0": "bn1", "_conv_head": "conv_head", "_bn1": "bn2"]
            return (outer[parts[0]] ?? (parts[0] == "_fc" ? "classifier" : nil)).map { "\($0).\(leaf)" }
        }
        guard parts.count == 4, parts[0] == "_blocks", let number = Int(parts[1]), number >= 0 else { return nil }
        var block = number
        for (index, stage) in EfficientNetLite0.stages.enumerated() {
            if block < stage.blocks {
                let isExpanded = stage.expansion > 1
                let inner = [
                    "_expand_conv": "conv_pw", "_depthwise_conv": "conv_dw",
                    "_project_conv": isExpanded ? "conv_pwl" : "conv_pw", "_bn0": "bn1",
                    "_bn1": isExpanded ? "bn2" : "bn1",
                    "_bn2": isExpanded ? "bn3" : "bn2",
                ]
                return inner[parts[2]].map { "blocks.\(index).\(block).\($0).\(leaf)" }
            }
            block -= stage.blocks
        }
        return nil
    }
}
