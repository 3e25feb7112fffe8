import Tensors

extension ImagePreprocessor {
    /// torchvision's IMAGENET1K_V1 weights: shorter side 256, crop 224, bilinear, ImageNet mean and deviation.
    public static let torchvisionV1 = square(resize: 256, interpolation: .bilinear, imageNetMean, imageNetDeviation)

    /// torchvision's IMAGENET1K_V2 weights: as V1 with a shorter side of 232.
    public static let torchvisionV2 = square(resize: 232, interpolation: .bilinear, imageNetMean, imageNetDeviation)

    /// timm's ResNets with `crop_pct` 0.95: shorter side floor(224 / 0.95) = 235, crop 224, bicubic.
    public static let timmBicubic095 = square(resize: 235, interpolation: .bicubic, imageNetMean, imageNetDeviation)

    /// EfficientNet-Lite0: shorter side 256, crop 224, bicubic, values in `-1...1`.
    public static let efficientNetLite0 = square(
        resize: 256, interpolation: .bicubic, [0.5, 0.5, 0.5], [0.5, 0.5, 0.5])

    /// The names that `preset(named:)` knows.
    public static let presetNames = presets.map(\.name)

    /// The preset of that name. Throws `InputError` naming those there are where there is none.
    public static func preset(named name: String) throws -> ImagePreprocessor {
        guard let preset = presets.first(where: { $0.name == name }) else {
            throw InputError(
                "preprocessing \(name)", "is unknown", remedy: "Choose one of \(presetNames.joined(separator: ", "))")
        }
        return preset.preprocessor
    }

    private static let presets: [(name: String, preprocessor: ImagePreprocessor)] = [
        ("torchvision-v1", torchvisionV1), ("torchvision-v2", torchvisionV2), ("timm-bicubic-0.95", timmBicubic095),
        ("efficientnet-lite0", efficientNetLite0),
    ]

    private static let imageNetMean: [Float] = [0.485, 0.456, 0.406]
    private static let imageNetDeviation: [Float] = [0.229, 0.224, 0.225]

    private static func square(
        resize: Int, interpolation: Interpolation, _ mean: [Float], _ standardDeviation: [Float]
    ) -> ImagePreprocessor {
        ImagePreprocessor(
            checkedResizing: .shorterSide(resize), cropHeight: 224, cropWidth: 224, interpolation: interpolation,
            mean: mean, standardDeviation: standardDeviation, channelOrder: .rgb, exif: .apply)
    }
}
