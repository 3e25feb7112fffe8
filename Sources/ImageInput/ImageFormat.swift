import Tensors

/// A picture format that `ImageDecoder` reads.
public enum ImageFormat: String, Sendable, Hashable, CaseIterable {
    /// JPEG: baseline, extended and progressive, 8 bits; grayscale, YCbCr, RGB, CMYK and YCCK.
    case jpeg = "JPEG"
    /// PNG: every color type and depth.
    case png = "PNG"
    /// WebP: lossy, lossless, with alpha; the first frame of an animation.
    case webp = "WebP"
    /// GIF: the first frame.
    case gif = "GIF"
    /// BMP: uncompressed, 1, 4, 8, 24 or 32 bits.
    case bmp = "BMP"

    /// The file name extensions, in lower case, that mark a picture in a folder. Formats themselves are recognized by
    /// content alone.
    public static let fileExtensions = ["jpg", "jpeg", "jpe", "jfif", "png", "webp", "gif", "bmp"]

    /// The format whose magic bytes begin `bytes`, or nil.
    public init?(recognizing bytes: UnsafeRawBufferPointer) {
        func begins(with magic: [UInt8], at offset: Int = 0) -> Bool {
            bytes.count >= offset + magic.count && bytes[offset..<offset + magic.count].elementsEqual(magic)
        }
        if begins(with: [0xFF, 0xD8, 0xFF]) {
            self = .jpeg
        } else if begins(with: [0x89] + Array("PNG\r\n".utf8) + [0x1A, 0x0A]) {
            self = .png
        } else if begins(with: Array("RIFF".utf8)), begins(with: Array("WEBP".utf8), at: 8) {
            self = .webp
        } else if begins(with: Array("GIF87a".utf8)) || begins(with: Array("GIF89a".utf8)) {
            self = .gif
        } else if begins(with: Array("BM".utf8)) {
            self = .bmp
        } else {
            return nil
        }
    }

    /// The error for bytes of no known format: what they begin with and what could have been read.
    static func unrecognized(_ bytes: UnsafeRawBufferPointer) -> InputError {
        let known = allCases.map(\.rawValue)
        let remedy = "Readable formats: \(known.dropLast().joined(separator: ", ")) and \(known[known.count - 1])"
        guard !bytes.isEmpty else { return InputError("picture", "is empty (0 bytes)", remedy: remedy) }
        return InputError("picture", "is in no known picture format: it \(description(of: bytes))", remedy: remedy)
    }

    private static func description(of bytes: UnsafeRawBufferPointer) -> String {
        let others: [(name: String, magic: [UInt8], offset: Int)] = [
            ("a TIFF file", [0x49, 0x49, 0x2A, 0], 0), ("a TIFF file", [0x4D, 0x4D, 0, 0x2A], 0),
            ("a HEIF or AVIF file", Array("ftyp".utf8), 4), ("a PDF file", Array("%PDF".utf8), 0),
            ("a Photoshop file", Array("8BPS".utf8), 0), ("a ZIP archive", [0x50, 0x4B, 3, 4], 0),
            ("a gzip file", [0x1F, 0x8B], 0),
        ]
        for other in others where bytes.dropFirst(other.offset).starts(with: other.magic) { return "is \(other.name)" }
        let start = bytes.prefix(16)
        if start.allSatisfy({ (0x20..<0x7F).contains($0) || [0x09, 0x0A, 0x0D].contains($0) }) {
            let words = String(decoding: start, as: UTF8.self).split(whereSeparator: \.isWhitespace)
            return "looks like text and begins with \"\(words.joined(separator: " "))\""
        }
        let digits = start.prefix(8).map { byte in
            (byte < 16 ? "0" : "") + String(byte, radix: 16)
        }
        return "begins with the bytes \(digits.joined(separator: " "))"
    }
}
