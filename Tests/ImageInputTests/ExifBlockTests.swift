import Tensors
import Testing

@testable import ImageInput

@Suite("Orientation in EXIF blocks")
struct ExifBlockTests {
    /// A TIFF structure with two entries, the second being the orientation.
    private static func tiff(_ value: Int, bigEndian: Bool, type: Int = 3, count: Int = 1) -> [UInt8] {
        func short(_ value: Int) -> [UInt8] {
            bigEndian ? UInt16(value).bigEndianBytes : UInt16(value).littleEndianBytes
        }
        func long(_ value: Int) -> [UInt8] {
            bigEndian ? UInt32(value).bigEndianBytes : UInt32(value).littleEndianBytes
        }
        let width = short(256) + short(4) + long(1) + long(640)
        let orientation = short(274) + short(type) + long(count) + short(value) + [0, 0]
        return Array((bigEndian ? "MM" : "II").utf8) + short(42) + long(8) + short(2) + width + orientation + long(0)
    }

    private static func jpeg(_ tiff: [UInt8]) -> [UInt8] {
        [0xFF, 0xD8, 0xFF, 0xE0, 0, 4, 1, 2, 0xFF, 0xFF, 0xE1] + UInt16(8 + tiff.count).bigEndianBytes
            + Array("Exif\0\0".utf8) + tiff + [0xFF, 0xDA]
    }

    private static func png(_ tiff: [UInt8]) -> [UInt8] {
        [UInt8](repeating: 0, count: 8) + PNGBuilder.chunk("IHDR", [1, 2, 3]) + PNGBuilder.chunk("eXIf", tiff)
    }

    private static func webp(_ tiff: [UInt8], prefix: String = "") -> [UInt8] {
        let content = Array(prefix.utf8) + tiff
        return [UInt8](repeating: 0, count: 12) + Array("VP8 ".utf8) + UInt32(3).littleEndianBytes + [1, 2, 3, 0]
            + Array("EXIF".utf8) + UInt32(content.count).littleEndianBytes + content
    }

    private static func orientation(_ format: ImageFormat, _ file: [UInt8]) -> Int? {
        file.withUnsafeBytes { ExifBlock(of: format, in: $0)?.orientation?.rawValue }
    }

    @Test("every value in both byte orders, in each container", arguments: 1...8, [false, true])
    func values(value: Int, bigEndian: Bool) {
        let tiff = Self.tiff(value, bigEndian: bigEndian)
        #expect(Self.orientation(.jpeg, Self.jpeg(tiff)) == value)
        #expect(Self.orientation(.png, Self.png(tiff)) == value)
        #expect(Self.orientation(.webp, Self.webp(tiff)) == value)
        #expect(Self.orientation(.webp, Self.webp(tiff, prefix: "Exif\0\0")) == value)
    }

    @Test("values that are not defined, of another type or several say nothing")
    func undefined() {
        for value in [0, 9, 65_535] {
            #expect(Self.orientation(.jpeg, Self.jpeg(Self.tiff(value, bigEndian: true))) == nil)
        }
        #expect(Self.orientation(.jpeg, Self.jpeg(Self.tiff(6, bigEndian: true, type: 2))) == nil)
        #expect(Self.orientation(.jpeg, Self.jpeg(Self.tiff(6, bigEndian: true, count: 2))) == nil)
        #expect(Self.orientation(.gif, Self.jpeg(Self.tiff(6, bigEndian: true))) == nil)
    }

    @Test("cut and flipped blocks are read within their bounds")
    func hostile() {
        var random = SeededGenerator(seed: 3)
        for (format, make) in [(.jpeg, Self.jpeg), (.png, Self.png), (.webp, { Self.webp($0) })]
            as [(ImageFormat, ([UInt8]) -> [UInt8])]
        {
            let file = make(Self.tiff(6, bigEndian: true))
            for count in 0..<file.count - 6 - (format == .jpeg ? 2 : 0) {
                let value = Self.orientation(format, Array(file.prefix(count)))
                #expect(value == nil, "\(format), the first \(count) bytes")
            }
            for _ in 0..<2000 {
                var bytes = file
                bytes[random.index(below: bytes.count)] = UInt8(random.index(below: 256))
                _ = Self.orientation(format, bytes)
            }
        }
    }
}
