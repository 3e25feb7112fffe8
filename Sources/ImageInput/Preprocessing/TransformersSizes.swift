/// What `size`, `crop_size`, `crop_pct` and their switches say in transformers' `preprocessor_config.json`.
struct TransformersSizes {
    /// What `size` asks for.
    private enum Size {
        case shortestEdge(Int)
        case exact(InputSize)
    }

    /// Classes that take a single number as the shorter side, and those that take it as both sides (`default_to_square` in
    /// their code).
    private static let shortestEdgeClasses = ["CLIP", "ConvNext", "MobileNetV1", "MobileNetV2", "MobileViT"]
    private static let squareClasses = ["ViT", "DeiT", "Beit"]
    /// Classes with rules of their own.
    private static let otherClasses = ["Levit", "PoolFormer", "Perceiver"]

    private let keys: PreprocessingKeys
    private let className: String

    init(_ keys: PreprocessingKeys) throws {
        self.keys = keys
        className =
            try keys.string("image_processor_type") ?? keys.string("feature_extractor_type") ?? ""
        if let other = Self.otherClasses.first(where: className.hasPrefix) {
            throw keys.refusal(
                keys["image_processor_type"] == nil ? "feature_extractor_type" : "image_processor_type",
                remedy: "\(other) resizes by rules of its own; write our own keys instead.")
        }
    }

    /// The input size and how to get there. Throws `InputError` about a key.
    func overrides() throws -> PreprocessingOverrides {
        let crops = try keys.bool("do_center_crop") ?? (keys["crop_size"] != nil)
        let size = try size()
        let crop = try crops ? cropSize() : nil
        if crops && crop == nil {
            throw keys.refusal("crop_size", remedy: "do_center_crop needs {\"height\": N, \"width\": N}.")
        }
        if try keys.bool("do_resize") == false { return try unresized(crops: crops, size: size) }
        if className.hasPrefix("ConvNext") || keys["crop_pct"] != nil { return try convNext(size) }
        switch (size, crop) {
        case (nil, nil): return PreprocessingOverrides()
        case (nil, let crop?): return PreprocessingOverrides(inputSize: crop)
        case (.exact(let size)?, nil): return PreprocessingOverrides(inputSize: size, resize: .stretch)
        case (.exact(let size)?, let crop?):
            return PreprocessingOverrides(inputSize: crop, resize: size == crop ? .stretch : .fixed(.stretch(size)))
        case (.shortestEdge(let edge)?, let crop?):
            return PreprocessingOverrides(inputSize: crop, resize: .fixed(.shorterSide(edge)))
        case (.shortestEdge?, nil):
            throw keys.refusal(
                "size", "gives only the shorter side, and no center crop",
                remedy: "Networks here take one input size: add do_center_crop and crop_size.")
        }
    }

    /// Without resizing, pictures must have the input size already.
    private func unresized(crops: Bool, size: Size?) throws -> PreprocessingOverrides {
        guard !crops else {
            throw keys.refusal(
                "do_resize", "is false with a center crop", remedy: "Let it be true, or leave out the crop.")
        }
        guard case .exact(let size)? = size else { return PreprocessingOverrides(resize: .fixed(.unchanged)) }
        return PreprocessingOverrides(inputSize: size, resize: .fixed(.unchanged))
    }

    /// ConvNextImageProcessor: below 384 pixels the shorter side becomes int(edge / crop_pct), and the center edge x edge
    /// is cropped; from 384 pixels on the picture is stretched to edge x edge. Its `crop_pct` is 224 / 256 where missing.
    private func convNext(_ size: Size?) throws -> PreprocessingOverrides {
        let fraction = try keys.cropFraction("crop_pct") ?? 224 / 256
        guard case .shortestEdge(let edge)? = size, let input = InputSize(height: edge, width: edge) else {
            throw keys.refusal(
                "size", remedy: "With crop_pct give {\"shortest_edge\": N}, as ConvNextImageProcessor does.")
        }
        return PreprocessingOverrides(inputSize: input, resize: edge < 384 ? .cropFraction(fraction) : .stretch)
    }

    private func size() throws -> Size? {
        guard let side = keys["size"]?.side else {
            return try keys.value(
                "size", remedy: "Give {\"shortest_edge\": N} or {\"height\": N, \"width\": N}."
            ) { value in
                if case .object(let sides) = value, sides.count == 1, let edge = sides["shortest_edge"]?.side {
                    return .shortestEdge(edge)
                }
                return Self.exact(value).map(Size.exact)
            }
        }
        if Self.shortestEdgeClasses.contains(where: className.hasPrefix) { return .shortestEdge(side) }
        guard Self.squareClasses.contains(where: className.hasPrefix), let size = InputSize(height: side, width: side)
        else {
            throw keys.refusal(
                "size", "is \(side), which can mean the shorter side or both sides",
                remedy: "Write {\"shortest_edge\": \(side)} or {\"height\": \(side), \"width\": \(side)}.")
        }
        return .exact(size)
    }

    private func cropSize() throws -> InputSize? {
        try keys.value("crop_size", remedy: "Give N or {\"height\": N, \"width\": N}.") { value in
            value.side.flatMap { InputSize(height: $0, width: $0) } ?? Self.exact(value)
        }
    }

    /// `{"height": N, "width": N}`.
    private static func exact(_ value: JSONValue) -> InputSize? {
        guard case .object(let sides) = value, sides.count == 2, let height = sides["height"]?.side,
            let width = sides["width"]?.side
        else { return nil }
        return InputSize(height: height, width: width)
    }
}
