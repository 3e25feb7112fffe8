/// The height and width of a network's input, in pixels; as text `224` or, height first, `224x320`.
public struct InputSize: Sendable, Hashable, LosslessStringConvertible {
    /// Rows.
    public let height: Int
    /// Columns.
    public let width: Int

    /// The most that a side can have.
    public static let largestSide = 8192

    /// A size; nil where a side is not in `1...largestSide`.
    public init?(height: Int, width: Int) {
        guard (1...Self.largestSide).contains(height), (1...Self.largestSide).contains(width) else { return nil }
        self.height = height
        self.width = width
    }

    /// A square. Traps where `side` is not in `1...largestSide`.
    public init(square side: Int) {
        precondition((1...Self.largestSide).contains(side), "an input of \(side) x \(side)")
        height = side
        width = side
    }

    /// Reads `N` or `HxW`; nil for anything else and for sides that are not in `1...largestSide`.
    public init?(_ text: String) {
        let sides = text.split(separator: "x", omittingEmptySubsequences: false).map { Int($0) }
        guard sides.count <= 2, let height = sides[0], let width = sides[sides.count - 1] else { return nil }
        self.init(height: height, width: width)
    }

    /// `224` for a square, else `224x320`.
    public var description: String { height == width ? "\(height)" : "\(height)x\(width)" }
}
