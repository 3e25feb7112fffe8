import CLZ4

/// LZ4 blocks (the block format, without a frame).
enum LZ4 {
    /// The packed bytes, or nil where they would not be fewer.
    static func pack(_ bytes: UnsafeRawBufferPointer) -> [UInt8]? {
        guard bytes.count > 16, bytes.count <= Int(LZ4_MAX_INPUT_SIZE) else { return nil }
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
        raw <= Int(LZ4_MAX_INPUT_SIZE) && raw / 255 <= stored
    }

    /// Unpacks to exactly `target.count` bytes.
    static func unpack(
        _ bytes: UnsafeRawBufferPointer, into target: UnsafeMutableRawBufferPointer
    ) throws(FormatFault) {
        let count = bytes.withMemoryRebound(to: CChar.self) { source in
            target.withMemoryRebound(to: CChar.self) { target in
                LZ4_decompress_safe(source.baseAddress, target.baseAddress, Int32(source.count), Int32(target.count))
            }
        }
        guard Int(count) == target.count else { throw .damaged("it cannot be unpacked") }
    }
}
