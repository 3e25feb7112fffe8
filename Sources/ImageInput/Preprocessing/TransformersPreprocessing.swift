/// `preprocessor_config.json` of transformers. Its classes read the same keys differently, so where a number alone has two
/// meanings the class decides, and whatever would change pictures in a way that is not known here is refused.
struct TransformersPreprocessing {
    /// Keys by which the form is known.
    static let marks = [
        "image_mean", "image_std", "do_resize", "do_normalize", "do_center_crop", "do_rescale", "crop_size", "resample",
        "rescale_factor", "image_processor_type", "feature_extractor_type", "size",
    ]
    private static let harmless = ["do_convert_rgb", "do_reduce_labels", "do_flip_channel_order"]
    private static let understood = ["do_resize", "do_center_crop", "do_rescale", "do_normalize"]

    private let keys: PreprocessingKeys

    init(_ keys: PreprocessingKeys) { self.keys = keys }

    /// What the keys say. Throws `InputError` about a key.
    func overrides() throws -> PreprocessingOverrides {
        try refuseOtherSteps()
        try checkScale()
        var overrides = try TransformersSizes(keys).overrides()
        overrides.interpolation = try interpolation()
        if try keys.bool("do_normalize") == false {
            overrides.mean = ColorValues([0, 0, 0])
            overrides.standardDeviation = ColorValues([1, 1, 1])
        } else {
            overrides.mean = try keys.colors("image_mean", single: true)
            overrides.standardDeviation = try keys.colors("image_std", single: true, positive: true)
        }
        if try keys.bool("do_flip_channel_order") == true { try flip(&overrides) }
        return overrides
    }

    /// Steps that are switched on and not known.
    private func refuseOtherSteps() throws {
        let steps = keys.members.keys.filter { $0.hasPrefix("do_") }.sorted()
        let others = steps.filter { !Self.harmless.contains($0) && !Self.understood.contains($0) }
        for step in others + ["include_top", "rescale_offset"] where try keys.bool(step) == true {
            throw keys.refusal(step, remedy: "This step is not known; write our own keys instead.")
        }
        if keys["size_divisor"] != nil {
            throw keys.refusal("size_divisor", remedy: "Sizes that follow the picture cannot be used.")
        }
    }

    /// Bytes must become `0...1`.
    private func checkScale() throws {
        if try keys.bool("do_rescale") == false {
            throw keys.refusal("do_rescale", remedy: "Values are divided by 255 here; divide mean and std so too.")
        }
        _ = try keys.value("rescale_factor", remedy: "Only 1/255 can be used.") { value in
            if case .number(let factor) = value, abs(factor * 255 - 1) < 1e-5 { factor } else { nil }
        }
    }

    /// `PIL.Image.Resampling`, by number.
    private func interpolation() throws -> Interpolation? {
        let filters: [Double: Interpolation] = [
            0: .nearest, 1: .lanczos, 2: .bilinear, 3: .bicubic, 4: .box, 5: .hamming,
        ]
        return try keys.value("resample", remedy: "Give PIL's number of a filter, 0 to 5.") {
            if case .number(let number) = $0 { filters[number] } else { nil }
        }
    }

    /// Blue first. The classes that flip do so after all else and most do not standardize at all, so that it is open
    /// whether a mean for each color means red or blue first: only where all colors have the same can it be read.
    private func flip(_ overrides: inout PreprocessingOverrides) throws {
        overrides.mean = overrides.mean ?? ColorValues([0, 0, 0])
        overrides.standardDeviation = overrides.standardDeviation ?? ColorValues([1, 1, 1])
        for values in [overrides.mean, overrides.standardDeviation] where Set(values?.values ?? []).count > 1 {
            throw keys.refusal(
                "do_flip_channel_order", "is true with a mean or std for each color",
                remedy: "Write our own keys, with \"channelOrder\": \"bgr\" and mean and std of red, green and blue.")
        }
        overrides.channelOrder = .bgr
    }
}
