/// How the values of one map become bytes: `round(x / scale)`, to the nearest, ties to even, saturated.
public struct Quantization: Sendable, Hashable {
    /// What a step of one stands for; positive and finite.
    public let scale: Float
    /// Whether the bytes are -128...127, for maps with negative values, rather than 0...255.
    public let isSigned: Bool

    /// A quantization; `scale` must be positive and finite.
    public init(scale: Float, isSigned: Bool) {
        precondition(scale > 0 && scale.isFinite, "a quantization in steps of \(scale)")
        (self.scale, self.isSigned) = (scale, isSigned)
    }

    /// The numbers that a byte can be.
    var range: ClosedRange<Float> { isSigned ? -128...127 : 0...255 }

    /// The whole number that stands for `value`.
    func quantized(_ value: Float) -> Float {
        min(max((value / scale).rounded(.toNearestOrEven), range.lowerBound), range.upperBound)
    }
}

extension Quantization: Codable {
    /// Reads what `encode(to:)` wrote. Throws where it is something else.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        guard let kind = text.first, kind == "u" || kind == "s", let scale = Float(text.dropFirst()), scale > 0,
            scale.isFinite
        else { throw DecodingError.dataCorruptedError(in: container, debugDescription: "no quantization: '\(text)'") }
        self.init(scale: scale, isSigned: kind == "s")
    }

    /// Writes `u` or `s` and the scale in as few digits as name it exactly, such as `u0.023529412`: one spelling a value, so
    /// that it has one fingerprint.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode("\(isSigned ? "s" : "u")\(scale)")
    }
}
