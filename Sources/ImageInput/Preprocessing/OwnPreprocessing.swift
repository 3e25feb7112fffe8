/// Our own keys. An unknown one is an error: it is likely a misspelled setting.
struct OwnPreprocessing {
    /// Keys that no other form has.
    static let marks = ["inputSize", "resize", "cropPct", "channelOrder", "decoding"]
    private static let known = [
        "inputSize", "resize", "cropPct", "interpolation", "mean", "std", "channelOrder", "decoding",
    ]

    private let keys: PreprocessingKeys

    init(_ keys: PreprocessingKeys) { self.keys = keys }

    /// What the keys say. Throws `InputError` about a key.
    func overrides() throws -> PreprocessingOverrides {
        if let unknown = keys.members.keys.sorted().first(where: { !Self.known.contains($0) }) {
            throw keys.refusal(
                unknown, "is unknown",
                remedy: """
                    Use \(Self.known.joined(separator: ", ")), or the whole config.json of timm or \
                    preprocessor_config.json of transformers.
                    """)
        }
        if keys["cropPct"] != nil && keys["resize"] != nil {
            throw keys.refusal("cropPct", "contradicts 'resize'", remedy: "Leave one of them out.")
        }
        let order = try keys.value("channelOrder", remedy: "Give \"rgb\" or \"bgr\".") {
            if case .string(let name) = $0 { ChannelOrder(rawValue: name) } else { nil }
        }
        let decoding = try keys.value("decoding", remedy: "Give \"full\" or \"scaled\".") {
            if case .string(let name) = $0 { JPEGDecoding(rawValue: name) } else { nil }
        }
        return PreprocessingOverrides(
            inputSize: try inputSize(), resize: try resize(), interpolation: try keys.interpolation("interpolation"),
            mean: try keys.colors("mean"), standardDeviation: try keys.colors("std", positive: true),
            channelOrder: order, decoding: decoding)
    }

    /// A number, `[height, width]` or the text of `InputSize`.
    private func inputSize() throws -> InputSize? {
        try keys.value("inputSize", remedy: PreprocessingKeys.sizeRemedy) { value in
            switch value {
            case .number: return value.side.flatMap { InputSize(height: $0, width: $0) }
            case .string(let text): return InputSize(text)
            case .array(let sides) where sides.count == 2:
                guard let height = sides[0].side, let width = sides[1].side else { return nil }
                return InputSize(height: height, width: width)
            default: return nil
            }
        }
    }

    private func resize() throws -> ResizeChoice? {
        if let fraction = try keys.cropFraction("cropPct") { return .cropFraction(fraction) }
        return try keys.value("resize", remedy: "Give a number of pixels, \"none\" or \"stretch\".") { value in
            if case .string(let text) = value { return ResizeChoice(text) }
            return value.side.map { .fixed(.shorterSide($0)) }
        }
    }
}
