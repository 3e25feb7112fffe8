/// The pretrained configuration of timm (huggingface/pytorch-image-models), as its hub's `config.json` has it. Keys that do
/// not change pictures, such as `num_classes` and `url`, are ignored, and so are those of the sizes for tests, which timm
/// takes only on request.
struct TimmPreprocessing {
    /// Keys by which the form is known.
    static let marks = ["input_size", "crop_pct", "crop_mode", "architecture", "num_classes"]

    private let keys: PreprocessingKeys

    init(_ keys: PreprocessingKeys) { self.keys = keys }

    /// What the keys say. Throws `InputError` about a key.
    func overrides() throws -> PreprocessingOverrides {
        if let mode = try keys.string("crop_mode"), mode != "center" {
            throw keys.refusal(
                "crop_mode", remedy: "Only \"center\" can be read; for \"squash\" write {\"resize\": \"stretch\"}.")
        }
        guard keys.hasAny(of: ["input_size", "crop_pct", "interpolation", "mean", "std"]) else {
            throw keys.refusal(
                "input_size", remedy: "Give timm's config.json, or preprocessor_config.json of transformers.")
        }
        return PreprocessingOverrides(
            inputSize: try inputSize(), resize: try keys.cropFraction("crop_pct").map(ResizeChoice.cropFraction),
            interpolation: try keys.interpolation("interpolation"), mean: try keys.colors("mean"),
            standardDeviation: try keys.colors("std", positive: true))
    }

    /// `[3, height, width]`.
    private func inputSize() throws -> InputSize? {
        try keys.value("input_size", remedy: "Give [3, height, width].") { value in
            guard case .array(let sides) = value, sides.count == 3, sides[0].side == 3, let height = sides[1].side,
                let width = sides[2].side
            else { return nil }
            return InputSize(height: height, width: width)
        }
    }
}
