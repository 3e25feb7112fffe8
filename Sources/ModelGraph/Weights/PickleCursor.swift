import Tensors

/// Reads a pickle's bytes in order; every length is checked against what is left before anything is taken.
struct PickleCursor {
    private let bytes: UnsafeRawBufferPointer
    /// The offset of the next byte.
    private(set) var position: Int

    /// A cursor over borrowed bytes; it must not outlive the closure that lent them.
    init(_ bytes: UnsafeRawBufferPointer, at position: Int) {
        self.bytes = bytes
        self.position = position
    }

    /// The next `count` bytes.
    mutating func take(_ count: Int) throws -> UnsafeRawBufferPointer {
        guard count >= 0, count <= bytes.count - position else {
            throw InputError(
                "pickle", "needs \(count) bytes at offset \(position) of \(bytes.count)",
                remedy: "The file is cut off or damaged; get it again.")
        }
        defer { position += count }
        return UnsafeRawBufferPointer(rebasing: bytes[position..<position + count])
    }

    mutating func byte() throws -> UInt8 { try take(1)[0] }

    /// A little-endian unsigned number.
    mutating func unsigned<Number: FixedWidthInteger & UnsignedInteger>(_: Number.Type) throws -> Number {
        Number(littleEndian: try take(MemoryLayout<Number>.size).loadUnaligned(as: Number.self))
    }

    /// As many bytes as a little-endian number in front of them says.
    mutating func counted<Number: FixedWidthInteger & UnsignedInteger>(
        by _: Number.Type
    ) throws -> UnsafeRawBufferPointer {
        try take(Int(clamping: try unsigned(Number.self)))
    }

    /// The text up to the next line feed, without it.
    mutating func line() throws -> String {
        guard let end = bytes[position...].firstIndex(of: 0x0A) else { _ = try take(Int.max); return "" }
        let text = String(decoding: bytes[position..<end], as: UTF8.self)
        position = end + 1
        return text
    }
}
