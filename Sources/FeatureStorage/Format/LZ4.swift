import CLZ4

/// LZ4 blocks (the block format, without a frame).
enum LZ4 {
    /// The most bytes that a block can hold.
    static let largestInput = Int(LZ4_MAX_INPUT_SIZE)

    /// The packed bytes, or nil where they would not be fewer.
    static func pack(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard bytes.count > 16, bytes.count <= largestInput else { return nil }
        let packed = [UInt8](unsafeUninitializedCapacity: bytes.count - 1) { target, count in
            target.withMemoryRebound(to: CChar.self) { target in
                count = bytes.withMemoryRebound(to: CChar.self) { source in
                    Int(
                        LZ4_compress_default(
                            source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count)))
                }
            }
        }
        return packed.isEmpty ? nil : packed
    }

    /// Whether `stored` bytes can unpack to `raw`: LZ4 never packs better than 255:1.
    static func canUnpack(_ stored: Int, to raw: Int) -> Bool {
        raw <= largestInput && raw / 255 <= stored
    }

    /// Unpacks to exactly `target.count` bytes.
    static func unpack(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) {
        guard try unpack(bytes, upTo: target) == target.count else { throw .damaged("it cannot be unpacked") }
    }

    /// Unpacks to at most `target.count` bytes, and returns how many it were.
    static func unpack(
        _ bytes: UnsafeRawBufferPointer, upTo target: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) -> Int {
        guard let stored = Int32(exactly: bytes.count), let room = Int32(exactly: target.count) else {
            throw .damaged("it cannot be unpacked")
        }
        let count = bytes.withMemoryRebound(to: CChar.self) { source in
            target.withMemoryRebound(to: CChar.self) { target in
                LZ4_decompress_safe(source.baseAddress, target.baseAddress, stored, room)
            }
        }
        guard count >= 0 else { throw .damaged("it cannot be unpacked") }
        return Int(count)
    }
}
