/// How the values of a stored feature are kept.
public enum RowType: String, Sendable, Hashable, Codable, CaseIterable {
    /// IEEE 754 binary16: 2 bytes a value, 11 significant bits, magnitudes below 65,520.
    case float16 = "f16"

    /// The number that stands for the type in a block header.
    var code: UInt8 {
        switch self {
        case .float16: 1
        }
    }

    /// The type that `code` stands for, or nil where this version does not know it.
    init?(code: UInt8) {
        guard let type = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = type
    }

    /// The bytes that one row of `dimension` values takes before compression.
    func bytesPerRow(dimension: Int) -> Int {
        switch self {
        case .float16: 2 * dimension
        }
    }
}
