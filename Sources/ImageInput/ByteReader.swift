/// Bounds-checked reading of integers at any offset: every access beyond the end gives nil.
struct ByteReader {
    /// The bytes, from offset 0 on.
    let bytes: UnsafeRawBufferPointer

    init(_ bytes: UnsafeRawBufferPointer) {
        self.bytes = bytes
    }

    var count: Int { bytes.count }

    /// Whether the bytes at `offset` are `expected`.
    func has(_ expected: StaticString, at offset: Int) -> Bool {
        guard let part = slice(offset, expected.utf8CodeUnitCount) else { return false }
        return expected.withUTF8Buffer { part.bytes.elementsEqual($0) }
    }

    /// The part of `count` bytes from `offset` on.
    func slice(_ offset: Int, _ count: Int) -> ByteReader? {
        guard offset >= 0, count >= 0, offset <= bytes.count, count <= bytes.count - offset else { return nil }
        return ByteReader(UnsafeRawBufferPointer(rebasing: bytes[offset..<offset + count]))
    }

    /// The unsigned integer of `size` bytes (at most 4) at `offset`.
    func integer(at offset: Int, size: Int, bigEndian: Bool = false) -> Int? {
        guard let part = slice(offset, size) else { return nil }
        return bigEndian
            ? part.bytes.reduce(0) { $0 << 8 | Int($1) } : part.bytes.reversed().reduce(0) { $0 << 8 | Int($1) }
    }
}
