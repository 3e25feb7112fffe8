/// Which of what a run had is kept: the best by the monitored metric on held-out pictures.
public enum KeptHead: Sendable, Hashable {
    /// The features as they are: neither the projection nor training finds held-out pictures better.
    case rawFeatures
    /// The projection that training began with.
    case projection
    /// The head after an epoch.
    case trained(epoch: Int)
}

extension KeptHead: Codable, CustomStringConvertible {
    /// `raw features`, `projection`, or `epoch N`.
    public var description: String {
        switch self {
        case .rawFeatures: "raw features"
        case .projection: "projection"
        case .trained(let epoch): "epoch \(epoch)"
        }
    }

    /// Reads the text.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        let text = try container.decode(String.self)
        switch (text, text.hasPrefix("epoch ") ? Int(text.dropFirst(6)) : nil) {
        case ("raw features", _): self = .rawFeatures
        case ("projection", _): self = .projection
        case (_, let epoch?): self = .trained(epoch: epoch)
        default: throw DecodingError.dataCorruptedError(in: container, debugDescription: "'\(text)' is no kept head")
        }
    }

    /// Writes the text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }
}
