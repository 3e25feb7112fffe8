extension ImagePreprocessor: Codable {
    private enum CodingKeys: String, CodingKey {
        case resize, cropHeight, cropWidth, interpolation, mean, standardDeviation, channelOrder, exif, decoding
    }

    /// A decoded preprocessor; throws `InputError` as `init(resizing:cropHeight:cropWidth:interpolation:...)` does.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            resizing: values.decodeIfPresent(Resizing.self, forKey: .resize) ?? .unchanged,
            cropHeight: values.decode(Int.self, forKey: .cropHeight),
            cropWidth: values.decode(Int.self, forKey: .cropWidth),
            interpolation: values.decode(Interpolation.self, forKey: .interpolation),
            mean: values.decode([Float].self, forKey: .mean),
            standardDeviation: values.decode([Float].self, forKey: .standardDeviation),
            channelOrder: values.decodeIfPresent(ChannelOrder.self, forKey: .channelOrder) ?? .rgb,
            exif: values.decode(ExifPolicy.self, forKey: .exif),
            decoding: values.decodeIfPresent(JPEGDecoding.self, forKey: .decoding) ?? .full)
    }

    /// Writes all settings; `resize`, `channelOrder` and `decoding` only where they are not `none`, `rgb` and `full`.
    public func encode(to encoder: any Encoder) throws {
        var values = encoder.container(keyedBy: CodingKeys.self)
        if resizing != .unchanged { try values.encode(resizing, forKey: .resize) }
        try values.encode(cropHeight, forKey: .cropHeight)
        try values.encode(cropWidth, forKey: .cropWidth)
        try values.encode(interpolation, forKey: .interpolation)
        try values.encode(mean, forKey: .mean)
        try values.encode(standardDeviation, forKey: .standardDeviation)
        if channelOrder != .rgb { try values.encode(channelOrder, forKey: .channelOrder) }
        try values.encode(exif, forKey: .exif)
        if decoding != .full { try values.encode(decoding, forKey: .decoding) }
    }
}
