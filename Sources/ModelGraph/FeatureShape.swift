/// The shape of what one layer gives for one picture.
public enum FeatureShape: Sendable, Hashable, CustomStringConvertible {
    /// A feature map.
    case map(channels: Int, height: Int, width: Int)
    /// A feature vector of the given length.
    case vector(Int)

    /// The number of values.
    public var elementCount: Int {
        switch self {
        case .map(let channels, let height, let width): channels * height * width
        case .vector(let length): length
        }
    }

    /// The dimensions without the batch, `[channels, height, width]` or `[length]`.
    public var dimensions: [Int] {
        switch self {
        case .map(let channels, let height, let width): [channels, height, width]
        case .vector(let length): [length]
        }
    }

    /// The dimensions joined by `x`, such as `2048x7x7`.
    public var description: String { dimensions.map(String.init).joined(separator: "x") }
}

extension FeatureShape {
    /// The shape of this and others behind one another, or nil where more than the channels differ.
    func concatenated(with others: some Sequence<FeatureShape>) -> FeatureShape? {
        var channels = dimensions[0]
        for other in others {
            guard other.dimensions.dropFirst() == dimensions.dropFirst() else { return nil }
            channels += other.dimensions[0]
        }
        switch self {
        case .map(_, let height, let width): return .map(channels: channels, height: height, width: width)
        case .vector: return .vector(channels)
        }
    }
}
