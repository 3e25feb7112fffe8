/// Writes PNG files without compression, for pictures whose every sample a test wants to choose.
enum PNGBuilder {
    /// A file with the given big-endian samples, rows from the top.
    static func file(width: Int, height: Int, depth: Int, colorType: Int, samples: [UInt8]) -> [UInt8] {
        let header =
            UInt32(width).bigEndianBytes + UInt32(height).bigEndianBytes
            + [UInt8(depth), UInt8(colorType), 0, 0, 0]
        let rowSize = samples.count / height
        let rows = (0..<height).flatMap { [0] + samples[$0 * rowSize..<($0 + 1) * rowSize] }
        return [0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A]
            + chunk("IHDR", header) + chunk("IDAT", stored(rows)) + chunk("IEND", [])
    }

    static func chunk(_ type: String, _ data: [UInt8]) -> [UInt8] {
        let checked = Array(type.utf8) + data
        return UInt32(data.count).bigEndianBytes + checked + crc(checked).bigEndianBytes
    }

    /// CRC-32 of ISO 3309, as PNG chunks carry it.
    static func crc(_ bytes: [UInt8]) -> UInt32 {
        ~bytes.reduce(~UInt32(0)) { crc, byte in
            (0..<8).reduce(crc ^ UInt32(byte)) { value, _ in value >> 1 ^ (value & 1 == 1 ? 0xEDB8_8320 : 0) }
        }
    }

    /// A zlib stream of stored blocks (RFC 1950 and 1951).
    private static func stored(_ bytes: [UInt8]) -> [UInt8] {
        var stream: [UInt8] = [0x78, 0x01]
        for start in stride(from: 0, to: bytes.count, by: 65_535) {
            let block = bytes[start..<min(start + 65_535, bytes.count)]
            let length = UInt16(block.count)
            stream += [block.endIndex == bytes.count ? 1 : 0] + length.littleEndianBytes + (~length).littleEndianBytes
            stream += block
        }
        var (a, b) = (UInt32(1), UInt32(0))
        for byte in bytes {
            a = (a + UInt32(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return stream + (b << 16 | a).bigEndianBytes
    }
}
