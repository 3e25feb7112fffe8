import Foundation
import PythonPeer
import Tensors
import Testing

@testable import ImageInput

@Suite("Decoding JPEG files at a fraction of their size")
struct ScaledDecodingTests {
    @Test("the divisor keeps twice the size to resize to, on both axes")
    func divisor() {
        let cases = [
            ((4000, 3000), (341, 256), 4), ((4096, 4096), (256, 256), 8), ((4095, 4096), (256, 256), 4),
            ((1024, 9000), (256, 256), 2), ((1023, 9000), (256, 256), 1), ((500, 375), (341, 256), 1),
            ((90_000, 90_000), (1, 1), 8), ((1, 1), (256, 256), 1),
        ]
        for (size, target, expected) in cases {
            #expect(JPEGDecoding.scaled.divisor(for: size, to: target) == expected, "\(size)")
            #expect(JPEGDecoding.full.divisor(for: size, to: target) == 1)
        }
        #expect(JPEGDecoding.scaled.divisor(for: (9000, 9000), to: nil) == 1)
    }

    /// Makes JPEG files of several sizes, kinds and orientations, and the crops that Pillow's draft mode leads to.
    private static let program = """
        import sys, numpy as np
        from PIL import Image, ImageOps
        folder = sys.argv[1]
        generator = np.random.default_rng(3)
        cases = [(1600, 1201, "RGB", 1), (1201, 1600, "RGB", 6), (2100, 1060, "L", 1), (2111, 2050, "CMYK", 3),
                 (517, 700, "RGB", 8), (260, 300, "RGB", 1)]
        for number, (width, height, mode, orientation) in enumerate(cases):
            small = generator.integers(0, 256, (height // 12, width // 12, len(Image.new(mode, (1, 1)).getbands())))
            picture = Image.fromarray(small.astype(np.uint8).squeeze(), mode).resize((width, height), Image.BICUBIC)
            exif = Image.Exif()
            exif[0x112] = orientation
            path = f"{folder}/{number}.jpg"
            picture.save(path, quality=90, exif=exif, progressive=number % 2 == 1)
            with Image.open(path) as opened:
                turned = orientation >= 5
                w, h = (opened.height, opened.width) if turned else opened.size
                short = min(w, h)
                w, h = 256 * w // short, 256 * h // short
                opened.draft(None, (2 * h, 2 * w) if turned else (2 * w, 2 * h))
                loaded = ImageOps.exif_transpose(opened).convert("RGB")
            w, h = loaded.size
            short = min(w, h)
            resized = loaded.resize((256 * w // short, 256 * h // short), Image.BILINEAR)
            left, top = round((resized.width - 224) / 2), round((resized.height - 224) / 2)
            crop = np.asarray(resized.crop((left, top, left + 224, top + 224)))
            np.save(f"{folder}/{number}.npy", crop.astype(np.float32))
        print(len(cases))
        """

    private static let python = Python.interpreter(importing: "numpy, PIL")

    @Test("gives the crops of Pillow's draft mode", .enabled(if: python != nil, "needs a Python with numpy and Pillow"))
    func pillow() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("scaled-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let python = try #require(Self.python)
        let said = try Python.run(python, Self.program, folder.path)
        let count = try #require(Int(said.trimmingCharacters(in: .newlines)))
        let scaled = try PreprocessingOverrides(decoding: .scaled).applied(to: .torchvisionV1)
        for number in 0..<count {
            let data = try Data(contentsOf: folder.appendingPathComponent("\(number).jpg"))
            let expected = try NumPyFile.decode(
                try Data(contentsOf: folder.appendingPathComponent("\(number).npy"))
            ).elements
            let crop = try scaled.crop(of: ImageDecoder(for: scaled).decode(data))
            let differences = zip(crop.pixels, expected).map { abs(Float($0) - $1) }
            #expect(differences.count == 224 * 224 * 3)
            // Another release of libjpeg-turbo may round differently.
            #expect(differences.reduce(0, +) / Float(differences.count) <= 0.5, "\(number)")
            let full = try scaled.crop(of: ImageDecoder(exif: .apply).decode(data))
            let isLarge = number != count - 1 && number != 4
            #expect((full != crop) == isLarge, "\(number)")
        }
    }

    @Test("a file that ends too early is an error at every size")
    func truncated() throws {
        let data = Data(try SampleFile.named("baseline JPEG").bytes)
        for divisor in [1, 2, 4, 8] {
            for length in 0..<data.count - 2 {
                #expect(throws: InputError.self) {
                    try data.prefix(length).withUnsafeBytes {
                        try Codec(format: .jpeg).decode($0, limit: PixelLimit(pixels: 1 << 24)) { _ in divisor }
                    }
                }
            }
            let picture = try data.withUnsafeBytes {
                try Codec(format: .jpeg).decode($0, limit: PixelLimit(pixels: 1 << 24)) { _ in divisor }
            }
            let whole = try data.withUnsafeBytes {
                try Codec(format: .jpeg).decode($0, limit: PixelLimit(pixels: 1 << 24))
            }
            #expect(picture.width == (whole.width + divisor - 1) / divisor)
            #expect(picture.height == (whole.height + divisor - 1) / divisor)
        }
    }
}
