public import Tensors

/// What vectors lie in: memory of their own, or a mapped file.
public enum VectorMemory: Sendable {
    /// Numbers in memory.
    case floats([Float])
    /// Binary16 patterns in memory.
    case halves([UInt16])
    /// Bytes in memory.
    case bytes([UInt8])
    /// A file.
    case file(MappedFile)

    /// Calls `body` with the bytes, which must not leave it.
    func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        switch self {
        case .floats(let values): try values.withUnsafeBytes(body)
        case .halves(let values): try values.withUnsafeBytes(body)
        case .bytes(let values): try values.withUnsafeBytes(body)
        case .file(let file): try file.withUnsafeBytes(body)
        }
    }
}
