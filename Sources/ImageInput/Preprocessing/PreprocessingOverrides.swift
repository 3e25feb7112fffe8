import Tensors

/// Settings of a preprocessing that are to be other than a preset's; nil leaves the preset's.
public struct PreprocessingOverrides: Sendable, Hashable {
    /// The crop that the network takes.
    public var inputSize: InputSize?
    /// How pictures are resized before it.
    public var resize: ResizeChoice?
    /// The filter that resizing interpolates with.
    public var interpolation: Interpolation?
    /// What is subtracted from each color after scaling to `0...1`.
    public var mean: ColorValues?
    /// What each color is divided by after that; each must be positive.
    public var standardDeviation: ColorValues?
    /// The order of the planes in the network's input.
    public var channelOrder: ChannelOrder?
    /// At what size JPEG files are decoded.
    public var decoding: JPEGDecoding?

    /// Overrides; without arguments none.
    public init(
        inputSize: InputSize? = nil, resize: ResizeChoice? = nil, interpolation: Interpolation? = nil,
        mean: ColorValues? = nil, standardDeviation: ColorValues? = nil, channelOrder: ChannelOrder? = nil,
        decoding: JPEGDecoding? = nil
    ) {
        self.inputSize = inputSize
        self.resize = resize
        self.interpolation = interpolation
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.channelOrder = channelOrder
        self.decoding = decoding
    }

    /// Whether everything stays the preset's.
    public var isEmpty: Bool { self == PreprocessingOverrides() }

    /// These, and where they leave something open, what `weaker` says.
    public func over(_ weaker: PreprocessingOverrides) -> PreprocessingOverrides {
        PreprocessingOverrides(
            inputSize: inputSize ?? weaker.inputSize, resize: resize ?? weaker.resize,
            interpolation: interpolation ?? weaker.interpolation, mean: mean ?? weaker.mean,
            standardDeviation: standardDeviation ?? weaker.standardDeviation,
            channelOrder: channelOrder ?? weaker.channelOrder, decoding: decoding ?? weaker.decoding)
    }

    /// `preset` with these settings instead. Throws `InputError` where a standard deviation is not positive, and where
    /// the sizes asked for would fill a part of the network's input with black, which none of its training pictures had.
    public func applied(to preset: ImagePreprocessor) throws -> ImagePreprocessor {
        let height = inputSize?.height ?? preset.cropHeight
        let width = inputSize?.width ?? preset.cropWidth
        var resizing = preset.resizing
        if inputSize != nil || resize != nil, let input = InputSize(height: height, width: width) {
            resizing = try resize?.resizing(for: input) ?? preset.resizing
            guard !resizing.leavesGaps(in: input) else {
                throw InputError(
                    "preprocessing", "resizes to \(resizing), less than the input size of \(input)",
                    remedy: "Resize to at least \(max(height, width)) pixels, or give a crop fraction, stretch or none."
                )
            }
        }
        return try ImagePreprocessor(
            resizing: resizing, cropHeight: height, cropWidth: width,
            interpolation: interpolation ?? preset.interpolation, mean: mean?.values ?? preset.mean,
            standardDeviation: standardDeviation?.values ?? preset.standardDeviation,
            channelOrder: channelOrder ?? preset.channelOrder, exif: preset.exif,
            decoding: decoding ?? preset.decoding)
    }
}

extension PreprocessingOverrides {
    private static let prefix = "preprocessing."

    /// The settings as a store keeps them in a space's recipe; keys that are not overridden are missing.
    public var strings: [String: String] {
        var strings: [String: String] = [:]
        strings["inputSize"] = inputSize?.description
        if case .cropFraction(let fraction)? = resize {
            strings["cropPct"] = fraction.description
        } else {
            strings["resize"] = resize?.description
        }
        strings["interpolation"] = interpolation?.rawValue
        strings["mean"] = mean?.description
        strings["std"] = standardDeviation?.description
        strings["channelOrder"] = channelOrder?.rawValue
        strings["decoding"] = decoding?.rawValue
        return Dictionary(uniqueKeysWithValues: strings.map { (Self.prefix + $0, $1) })
    }

    /// Reads what `strings` wrote; other keys are left alone. Throws `InputError` where a value cannot be read: better
    /// than features of another preprocessing.
    public init(strings: [String: String]) throws {
        func value<Value>(_ key: String, _ read: (String) -> Value?) throws -> Value? {
            guard let text = strings[Self.prefix + key] else { return nil }
            guard let value = read(text) else {
                throw InputError(
                    "space", "its recipe has \(Self.prefix + key) '\(text)', which this version does not know",
                    remedy: "Use the version that built the store, or build it again.")
            }
            return value
        }
        self.init(
            inputSize: try value("inputSize", InputSize.init),
            resize: try value("cropPct") { Double($0).flatMap(ResizeChoice.init(cropFraction:)) }
                ?? value("resize", ResizeChoice.init),
            interpolation: try value("interpolation", Interpolation.init), mean: try value("mean", ColorValues.init),
            standardDeviation: try value("std", ColorValues.init),
            channelOrder: try value("channelOrder", ChannelOrder.init),
            decoding: try value("decoding", JPEGDecoding.init))
    }
}
