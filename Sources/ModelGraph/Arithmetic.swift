/// What becomes of two values.
public enum Arithmetic: String, Sendable, Hashable {
    /// Their sum.
    case add
    /// The first less the second.
    case subtract
    /// Their product.
    case multiply
    /// The first divided by the second.
    case divide

    /// Whether the order does not matter.
    public var isCommutative: Bool { self == .add || self == .multiply }

    /// The shape of the result: that of the first, to which the second is spread where it has a dimension of 1; or the other
    /// way round where the order does not matter. Nil where they do not fit.
    func outputShape(_ first: FeatureShape, _ second: FeatureShape) -> FeatureShape? {
        if first.canTake(second) { return first }
        return isCommutative && second.canTake(first) ? second : nil
    }
}

extension FeatureShape {
    /// Whether `other` has this shape once its dimensions of 1 are spread.
    fileprivate func canTake(_ other: FeatureShape) -> Bool {
        dimensions.count == other.dimensions.count
            && zip(dimensions, other.dimensions).allSatisfy { $0 == $1 || $1 == 1 }
    }
}
