import Foundation
import ImageInput
import Tensors
import Testing

@Suite("Decoding pictures")
struct ImageDecoderTests {
    @Test("pixels are those of Pillow", arguments: SampleFile.all)
    func pixels(sample: SampleFile) throws {
        let picture = try ImageDecoder().decode(Data(sample.bytes))
        #expect(picture.width == sample.width && picture.height == sample.height)
        let differences = zip(picture.pixels, sample.picture.pixels).map { abs(Int($0) - Int($1)) }
        // Another release of libjpeg-turbo or libwebp may round lossy data differently.
        let isLossy = [.jpeg, .webp].contains(sample.format)
        #expect(differences.max() ?? 0 <= (isLossy ? 2 : 0))
    }

    @Test("every cut-off file is refused", arguments: SampleFile.all)
    func prefixes(sample: SampleFile) throws {
        for count in 0..<sample.bytes.count {
            let error = #expect(throws: InputError.self, "the first \(count) bytes") {
                try ImageDecoder().decode(Data(sample.bytes.prefix(count)))
            }
            #expect(error?.object == "picture")
        }
    }

    @Test("flipped bits decode or throw, and never crash", arguments: SampleFile.all)
    func flippedBits(sample: SampleFile) throws {
        var random = SeededGenerator(seed: 7)
        let decoder = ImageDecoder(pixelLimit: 1 << 20)
        for _ in 0..<300 {
            var bytes = sample.bytes
            for _ in 0...random.index(below: 3) {
                bytes[random.index(below: bytes.count)] ^= 1 << UInt8(random.index(below: 8))
            }
            do {
                let picture = try decoder.decode(Data(bytes))
                #expect(picture.width * picture.height <= 1 << 20)
            } catch let error as InputError {
                #expect(error.object == "picture")
            }
        }
    }

    @Test("a picture above the limit is refused by its header, one at the limit is not", arguments: SampleFile.all)
    func limit(sample: SampleFile) throws {
        let pixels = sample.width * sample.height
        #expect(throws: Never.self) { try ImageDecoder(pixelLimit: pixels).decode(Data(sample.bytes)) }
        let error = #expect(throws: InputError.self) {
            try ImageDecoder(pixelLimit: pixels - 1).decode(Data(sample.bytes))
        }
        #expect(error?.fact.contains("more than the limit of \(pixels - 1)") == true)
    }

    @Test("a PNG that claims 2^31 - 1 pixels a side takes no memory")
    func bomb() throws {
        var bytes = try SampleFile.named("RGB PNG").bytes
        for offset in [16, 20] { bytes.replaceSubrange(offset..<offset + 4, with: [0x7F, 0xFF, 0xFF, 0xFF]) }
        let header = bytes[12..<29]
        bytes.replaceSubrange(29..<33, with: PNGBuilder.crc(Array(header)).bigEndianBytes)
        let error = #expect(throws: InputError.self) { try ImageDecoder().decode(Data(bytes)) }
        #expect(error?.fact.contains("claims 2147483647 x 2147483647 pixels") == true)
        let unlimited = #expect(throws: InputError.self) { try ImageDecoder(pixelLimit: .max).decode(Data(bytes)) }
        #expect(unlimited?.fact.contains("pixels") == true)
    }

    @Test("without EXIF the pixels stay as they are stored")
    func exifPolicy() throws {
        let upright = try ImageDecoder().decode(Data(try SampleFile.named("baseline JPEG").bytes))
        let turned = Data(try SampleFile.named("turned JPEG").bytes)
        #expect(try ImageDecoder(exif: .ignore).decode(turned) == upright)
        #expect(try ImageDecoder(exif: .apply).decode(turned) != upright)
    }

    @Test("a JPEG that ends too early says so")
    func truncatedJPEG() throws {
        let bytes = try SampleFile.named("baseline JPEG").bytes
        for count in [bytes.count - 2, bytes.count - 20] {
            let error = #expect(throws: InputError.self) { try ImageDecoder().decode(Data(bytes.prefix(count))) }
            #expect(error?.fact.contains("is a JPEG file that ends too early") == true)
        }
    }

    @Test("bytes between the data and the end of a JPEG, which harm nothing, are let through")
    func extraneousBytes() throws {
        let bytes = try SampleFile.named("baseline JPEG").bytes
        let padded: [UInt8] = bytes.prefix(bytes.count - 2) + [0, 1, 2, 3, 0xFF, 0xD9, 9, 9, 9]
        #expect(try ImageDecoder().decode(Data(padded)) == ImageDecoder().decode(Data(bytes)))
    }

    @Test("a JPEG with endless scans is refused")
    func scanBomb() throws {
        let bytes = try SampleFile.named("progressive JPEG").bytes
        let scan = try #require((0..<bytes.count - 1).first { bytes[$0] == 0xFF && bytes[$0 + 1] == 0xDA })
        let next = try #require((scan + 1..<bytes.count - 1).first { bytes[$0] == 0xFF && bytes[$0 + 1] != 0 })
        let scans = [[UInt8]](repeating: Array(bytes[scan..<next]), count: 2000)
        let bomb: [UInt8] = Array(bytes[..<scan]) + Array(scans.joined()) + Array(bytes[next...])
        #expect(throws: InputError.self) { try ImageDecoder().decode(Data(bomb)) }
    }

    @Test("16-bit samples are divided by 257 and rounded")
    func sixteenBits() throws {
        let samples = (0..<65_536).flatMap { UInt16($0).bigEndianBytes }
        let png = PNGBuilder.file(width: 256, height: 256, depth: 16, colorType: 0, samples: samples)
        let picture = try ImageDecoder().decode(Data(png))
        let expected = (0..<65_536).map { UInt8((Double($0) / 257).rounded()) }
        #expect(picture.pixels.enumerated().allSatisfy { $1 == expected[$0 / 3] })
    }

    @Test("alpha lies on white, rounded to the nearest", arguments: [4, 6])
    func alpha(colorType: Int) throws {
        let pairs = (0..<65_536).map { (value: $0 >> 8, alpha: $0 & 255) }
        let samples = pairs.flatMap { pair -> [UInt8] in
            [UInt8](repeating: UInt8(pair.value), count: colorType == 4 ? 1 : 3) + [UInt8(pair.alpha)]
        }
        let png = PNGBuilder.file(width: 256, height: 256, depth: 8, colorType: colorType, samples: samples)
        let picture = try ImageDecoder().decode(Data(png))
        let expected = pairs.map { pair in
            UInt8((Double(pair.value * pair.alpha + 255 * (255 - pair.alpha)) / 255).rounded())
        }
        #expect(picture.pixels.enumerated().allSatisfy { $1 == expected[$0 / 3] })
    }

    @Test("a GIF frame that reaches beyond the screen enlarges it, and what no frame covers is white")
    func smallScreen() throws {
        var bytes = try SampleFile.named("GIF").bytes
        let descriptor = 13 + 3 * (2 << Int(bytes[10] & 7))
        #expect(bytes[descriptor] == UInt8(ascii: ","))
        bytes[descriptor + 1] = 2  // left
        let picture = try ImageDecoder().decode(Data(bytes))
        #expect(picture.width == 13 && picture.height == 7)
        let expected = [UInt8](repeating: 255, count: 6) + (try SampleFile.named("GIF").picture.pixels.prefix(33))
        #expect(Array(picture.pixels.prefix(39)) == expected)
    }
}

extension FixedWidthInteger {
    /// The bytes from the highest to the lowest.
    var bigEndianBytes: [UInt8] { withUnsafeBytes(of: bigEndian, Array.init) }
    /// The bytes from the lowest to the highest.
    var littleEndianBytes: [UInt8] { withUnsafeBytes(of: littleEndian, Array.init) }
}
