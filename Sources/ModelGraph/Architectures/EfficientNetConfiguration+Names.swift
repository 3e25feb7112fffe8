extension EfficientNetConfiguration {
    /// The networks that Google published: B0 to B7 as torch's libraries train them, Lite0 to Lite4 as TensorFlow did.
    static let standard: [(name: String, configuration: Self)] =
        zip(0..., coefficients).map { number, scale in
            ("efficientnet-b\(number)", scaled(.efficientNet, width: scale.0, depth: scale.1, origin: .torch))
        }
        + zip(0..., liteCoefficients).map { number, scale in
            ("efficientnet-lite\(number)", scaled(.lite, width: scale.0, depth: scale.1, origin: .tensorFlow))
        }

    /// Width and depth of B0 to B7 (Google's efficientnet_builder.py).
    private static let coefficients = [
        (1.0, 1.0), (1.0, 1.1), (1.1, 1.2), (1.2, 1.4), (1.4, 1.8), (1.6, 2.2), (1.8, 2.6), (2.0, 3.1),
    ]
    /// Width and depth of Lite0 to Lite4 (Google's efficientnet_lite_builder.py).
    private static let liteCoefficients = [(1.0, 1.0), (1.0, 1.1), (1.1, 1.2), (1.2, 1.4), (1.4, 1.8)]

    /// EfficientNet-Lite0 as Google published it for TensorFlow.
    static let lite0 = scaled(.lite, width: 1, depth: 1, origin: .tensorFlow)

    /// The published name where sizes are standard, else a description; with where the weights come from, unless that is as
    /// usual: torch for EfficientNets, TensorFlow for the lite ones.
    var name: String {
        let usual = family == .lite ? EfficientNetOrigin.tensorFlow : .torch
        return sizeName + (origin == usual ? "" : origin == .torch ? " (torch)" : " (TensorFlow)")
    }

    /// The same names whatever the origin, such as `efficientnet-b5`.
    private var sizeName: String {
        let known = Self.standard.first { _, standard in
            var same = standard
            same.classes = classes
            (same.origin, same.epsilon) = (origin, epsilon)
            return same == self
        }
        if let known { return known.name }
        return "\(family.rawValue) \(stages.map(\.squeezes.count)), stem \(stem), outputs \(stages.map(\.outputs)), "
            + "head \(head)" + (inputChannels == 3 ? "" : ", \(inputChannels) input channels")
    }

    /// How many blocks each stage of a published network has that has `blocks` in all; nil where none has.
    static func depths(blocks: Int) -> [Int]? {
        standard.lazy.map { $0.configuration.stages.map(\.squeezes.count) }.first { $0.reduce(0, +) == blocks }
    }

    /// The same as torchvision has it: B5, B6 and B7 with the epsilon of TensorFlow, the others with torch.nn's
    /// (`norm_layer` in torchvision/models/efficientnet.py).
    var inTorchvision: Self {
        var own = self
        own.origin = .torch
        let isLarge = ["efficientnet-b5", "efficientnet-b6", "efficientnet-b7"].contains(sizeName)
        own.epsilon = isLarge ? EfficientNetOrigin.tensorFlow.epsilon : EfficientNetOrigin.torch.epsilon
        return own
    }
}
