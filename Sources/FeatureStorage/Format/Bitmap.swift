import CKernels

/// Bitmaps of a payload: bit `i` is bit `i % 8` of byte `i / 8`, spare bits are 0.
enum Bitmap {
    /// The bytes of a bitmap of `count` bits.
    static func byteCount(of count: Int) -> Int { count / 8 + (count % 8 == 0 ? 0 : 1) }

    /// The number of ones in a bitmap of `count` bits. Throws `.damaged` where a spare bit is 1.
    static func ones(in bytes: UnsafeRawBufferPointer, count: Int) throws(FormatFault) -> Int {
        precondition(bytes.count == byteCount(of: count), "\(bytes.count) bytes for \(count) bits")
        guard let last = bytes.last else { return 0 }
        guard count % 8 == 0 || last >> (count % 8) == 0 else { throw .damaged("a bitmap has bits past its end") }
        return ftc_bit_count(bytes.baseAddress, count)
    }
}

extension UnsafeRawBufferPointer {
    /// Takes the next `count` bytes off the front. Throws `.damaged` where there are fewer.
    mutating func take(_ count: Int) throws(FormatFault) -> UnsafeRawBufferPointer {
        guard count <= self.count else { throw .damaged("its features are cut off") }
        let taken = UnsafeRawBufferPointer(rebasing: self[..<count])
        self = UnsafeRawBufferPointer(rebasing: self[count...])
        return taken
    }
}
