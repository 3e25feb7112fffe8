/// How a network's maps become bytes, measured on a sample of pictures once. Features are comparable only where it is the
/// same.
public struct Calibration: Sendable, Hashable, Codable {
    /// The quantization of what each layer gives, by the layer's name; the picture's is under `ModelGraph.inputName`.
    public let layers: [String: Quantization]

    /// A calibration.
    public init(layers: [String: Quantization]) { self.layers = layers }

    /// Reads what `encode(to:)` wrote.
    public init(from decoder: any Decoder) throws {
        layers = try decoder.singleValueContainer().decode([String: Quantization].self)
    }

    /// Writes an object with a string a layer.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(layers)
    }
}
