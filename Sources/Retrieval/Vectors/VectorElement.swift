/// How the numbers of stored vectors are kept.
public enum VectorElement: String, Sendable, Hashable, Codable, CaseIterable {
    /// IEEE binary32.
    case float32 = "f32"
    /// IEEE binary16.
    case float16 = "f16"
    /// A byte and a scale for each row: the number is `scale * (byte - 128)`.
    case uint8 = "u8"

    /// The bytes of a number.
    public var byteCount: Int {
        switch self {
        case .float32: 4
        case .float16: 2
        case .uint8: 1
        }
    }
}
