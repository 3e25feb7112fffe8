/// A finite value for each of red, green and blue, in this order; as text `0.485,0.456,0.406`.
public struct ColorValues: Sendable, Hashable, LosslessStringConvertible {
    /// Red, green, blue.
    public let values: [Float]

    /// Three values; nil where they are not three or one is not finite.
    public init?(_ values: [Float]) {
        guard values.count == 3, values.allSatisfy(\.isFinite) else { return nil }
        self.values = values
    }

    /// Reads three numbers with commas between them; nil for anything else.
    public init?(_ text: String) {
        let parts = text.split(separator: ",", omittingEmptySubsequences: false)
        let values = parts.compactMap { Float($0.trimmingPrefix(while: \.isWhitespace)) }
        guard values.count == parts.count else { return nil }
        self.init(values)
    }

    /// The text that reads back as the same values.
    public var description: String { values.map(\.description).joined(separator: ",") }
}
