/// How the values of a stored feature are kept.
public enum RowType: String, Sendable, Hashable, Codable, CaseIterable {
    /// IEEE 754 binary16: 2 bytes a value, 11 significant bits, magnitudes below 65,520.
    case float16 = "f16"
    /// IEEE 754 binary32: 4 bytes a value, nothing rounded.
    case float32 = "f32"
    /// bfloat16, the upper half of a binary32: 2 bytes a value, 8 significant bits, the range of `Float`.
    case bfloat16 = "bf16"
    /// One byte a value and, for each row, a scale and an offset: 255 even steps from the row's smallest value (or zero,
    /// where none is negative) to its largest.
    case uint8 = "u8"

    /// The number that stands for the type in a block header.
    var code: UInt8 {
        switch self {
        case .float16: 1
        case .float32: 2
        case .bfloat16: 3
        case .uint8: 4
        }
    }

    /// The type that `code` stands for, or nil where this version does not know it.
    init?(code: UInt8) {
        guard let type = Self.allCases.first(where: { $0.code == code }) else { return nil }
        self = type
    }

    /// The bytes of one value.
    var valueWidth: Int {
        switch self {
        case .float16, .bfloat16: 2
        case .float32: 4
        case .uint8: 1
        }
    }

    /// The bytes that stand for each row in front of all values of a chunk; codecs do not touch them.
    var scaleBytesPerRow: Int { self == .uint8 ? RowScale.byteCount : 0 }

    /// The bytes that one row of `dimension` values takes before compression.
    func bytesPerRow(dimension: Int) -> Int { scaleBytesPerRow + valueWidth * dimension }
}
