/// Which library named the tensors of a file, and how its names become those of the blueprints.
enum TensorNaming: Sendable {
    /// torchvision's and timm's ResNets: `layer1.0.conv1.weight`.
    case torchvision
    /// Hugging Face transformers' ResNets: `resnet.encoder.stages.0.layers.0.layer.0.convolution.weight`.
    case transformers
    /// timm's EfficientNets: `blocks.0.0.conv_dw.weight`.
    case timmEfficientNet
    /// torchvision's EfficientNets: `features.1.0.block.0.0.weight`.
    case torchvisionEfficientNet
    /// The EfficientNets of the Python packages EfficientNet-PyTorch and efficientnet_lite_pytorch:
    /// `_blocks.0._depthwise_conv.weight`, the blocks counted through stages of the given depths.
    case efficientNetPyTorch(depths: [Int])

    /// The naming that `names` show, or nil where it is none of these.
    init?(names: Set<String>) {
        func has(_ prefix: String) -> Bool { names.contains { $0.hasPrefix(prefix) } }
        if names.contains("conv1.weight") || names.contains("conv1.0.weight"), has("layer1.0.") {
            self = .torchvision
        } else if names.contains(where: { $0.hasSuffix("embedder.embedder.convolution.weight") }) {
            self = .transformers
        } else if names.contains("conv_stem.weight"), has("blocks.0.0.") {
            self = .timmEfficientNet
        } else if names.contains("features.0.0.weight"), has("features.1.0.block.") {
            self = .torchvisionEfficientNet
        } else if names.contains("_conv_stem.weight"), has("_blocks.0."),
            let depths = EfficientNetConfiguration.depths(blocks: StageShapes.count("_blocks", in: names))
        {
            self = .efficientNetPyTorch(depths: depths)
        } else {
            return nil
        }
    }

    /// The name that the blueprints have for the tensor that a file calls `name`; the same where there is no other.
    func blueprintName(of name: String) -> String {
        switch self {
        case .torchvision, .timmEfficientNet: name
        case .transformers: Self.transformersName(name) ?? name
        case .torchvisionEfficientNet: EfficientNetNames.torchvision(name) ?? name
        case .efficientNetPyTorch(let depths): EfficientNetNames.efficientNetPyTorch(name, depths: depths) ?? name
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
}
