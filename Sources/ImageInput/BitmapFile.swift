import Tensors

/// A BMP file (Microsoft, "Bitmap Storage": BITMAPFILEHEADER and BITMAPCOREHEADER to BITMAPV5HEADER): uncompressed,
/// 1, 4 and 8 bits with a palette, 24 and 32 bits, and 32 bits with masks of whole bytes.
struct BitmapFile {
    private let file: ByteReader
    private let width: Int
    private let height: Int
    private let isTopDown: Bool
    private let bits: Int
    private let pixelOffset: Int
    /// Offset of each channel's byte within a pixel of 24 or 32 bits: red, green, blue and, where there is one, alpha.
    private let channels: [Int]
    private let palette: ByteReader
    private let paletteEntrySize: Int

    /// Reads the headers. Throws `InputError` about "picture" where they are cut, contradictory or of another kind.
    init(_ bytes: UnsafeRawBufferPointer) throws {
        file = ByteReader(bytes)
        let headerSize = try Self.field(file, 14, 4)
        guard headerSize == 12 || [40, 52, 56, 108, 124].contains(headerSize) else {
            throw InputError.unsupportedPicture(.bmp, "a header of \(headerSize) bytes")
        }
        let isCore = headerSize == 12
        pixelOffset = try Self.field(file, 10, 4)
        width = try isCore ? Self.field(file, 18, 2) : Self.signedField(file, 18)
        let signedHeight = try isCore ? Self.field(file, 20, 2) : Self.signedField(file, 22)
        (height, isTopDown) = (abs(signedHeight), signedHeight < 0)
        bits = try Self.field(file, isCore ? 24 : 28, 2)
        let compression = try isCore ? 0 : Self.field(file, 30, 4)
        channels = try Self.channels(file, headerSize: headerSize, bits: bits, compression: compression)
        paletteEntrySize = isCore ? 3 : 4
        let claimed = try bits > 8 ? 0 : isCore ? 0 : Self.field(file, 46, 4)
        let colors = bits > 8 ? 0 : claimed == 0 ? 1 << bits : min(claimed, 1 << bits)
        guard let palette = file.slice(14 + headerSize, colors * paletteEntrySize) else {
            throw InputError.truncatedPicture(.bmp, "within the palette")
        }
        self.palette = palette
    }

    /// The pixels as RGB; a mask for alpha lays them on white.
    func picture(limit: PixelLimit) throws -> Picture {
        try limit.check(width: width, height: height)
        let rowSize = (width * bits + 31) / 32 * 4
        guard let rows = file.slice(pixelOffset, rowSize * height) else {
            throw InputError.truncatedPicture(
                .bmp, "\(rowSize * height) bytes of pixels from byte \(pixelOffset) on, \(file.count) in the file")
        }
        return try Picture(width: width, height: height) { target in
            for y in 0..<height {
                let start = (isTopDown ? y : height - 1 - y) * rowSize
                let from = UnsafeRawBufferPointer(rebasing: rows.bytes[start..<start + rowSize])
                let to = UnsafeMutableBufferPointer(rebasing: target[3 * y * width..<3 * (y + 1) * width])
                if bits > 8 { readColors(from, to) } else { try readIndices(from, to) }
            }
        }
    }

    private func readColors(_ row: UnsafeRawBufferPointer, _ target: UnsafeMutableBufferPointer<UInt8>) {
        let size = bits / 8
        for x in 0..<width {
            for channel in 0..<3 {
                let value = row[x * size + channels[channel]]
                target[3 * x + channel] = channels.count == 3 ? value : onWhite(value, row[x * size + channels[3]])
            }
        }
    }

    /// `value` at the opacity `alpha` over white, rounded to the nearest.
    private func onWhite(_ value: UInt8, _ alpha: UInt8) -> UInt8 {
        let mixed = Int(value) * Int(alpha) + 255 * (255 - Int(alpha))
        return UInt8((mixed + 127) / 255)
    }

    private func readIndices(_ row: UnsafeRawBufferPointer, _ target: UnsafeMutableBufferPointer<UInt8>) throws {
        let (perByte, mask) = (8 / bits, (1 << bits) - 1)
        for x in 0..<width {
            let shift = 8 - bits * (x % perByte + 1)  // the leftmost pixel is in the highest bits
            let index = (Int(row[x / perByte]) >> shift) & mask
            let entry = index * paletteEntrySize
            guard entry + 3 <= palette.count else {
                throw InputError.damagedPicture(.bmp, "a color beyond the palette")
            }
            for channel in 0..<3 { target[3 * x + channel] = palette.bytes[entry + 2 - channel] }
        }
    }

    private static func channels(_ file: ByteReader, headerSize: Int, bits: Int, compression: Int) throws -> [Int] {
        switch (bits, compression) {
        case (1, 0), (4, 0), (8, 0), (24, 0), (32, 0): return [2, 1, 0]
        case (32, 3):
            // The masks follow a header of 40 bytes and are fields of longer ones, at the same place.
            let masks = try (0..<(headerSize >= 56 ? 4 : 3)).map { try field(file, 54 + 4 * $0, 4) }
            return try masks.enumerated().compactMap { index, mask in
                if index == 3, mask == 0 { return nil }
                guard let byte = (0..<4).first(where: { mask == 0xFF << (8 * $0) }) else {
                    throw InputError.unsupportedPicture(.bmp, "color masks that are not whole bytes")
                }
                return byte
            }
        default:
            throw InputError.unsupportedPicture(.bmp, "\(bits) bits a pixel with compression \(compression)")
        }
    }

    private static func field(_ file: ByteReader, _ offset: Int, _ size: Int) throws -> Int {
        guard let value = file.integer(at: offset, size: size) else {
            throw InputError.truncatedPicture(.bmp, "within the header")
        }
        return value
    }

    private static func signedField(_ file: ByteReader, _ offset: Int) throws -> Int {
        Int(Int32(truncatingIfNeeded: try field(file, offset, 4)))
    }
}
