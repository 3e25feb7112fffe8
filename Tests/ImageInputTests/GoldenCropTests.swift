import Foundation
import GoldenData
import ImageInput
import Tensors
import Testing

@Suite(
    "Crops are those of torchvision on PIL pictures",
    .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
struct GoldenCropTests {
    static let presets = ["torchvision-v1", "torchvision-v2", "timm-bicubic-0.95"]

    static var files: [String] {
        guard let folder = try? GoldenData.path("preprocess/images") else { return [] }
        return ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    @Test("every kind of picture, with every preset", arguments: files)
    func crop(file: String) throws {
        let data = try Data(contentsOf: URL(fileURLWithPath: GoldenData.path("preprocess/images/\(file)")))
        for name in Self.presets {
            let preprocessor = try ImagePreprocessor.preset(named: name)
            let picture = try ImageDecoder(exif: preprocessor.exif).decode(data)
            let crop = try preprocessor.crop(of: picture)
            let expected = try GoldenData.array("\(file)|\(name)", in: "preprocess/crops.npz")
            #expect(expected.shape == [crop.height, crop.width, 3])
            let differences = zip(crop.pixels, expected.elements).map { abs(Float($0) - $1) }
            let mean = differences.reduce(0, +) / Float(differences.count)
            // Another release of libjpeg-turbo or libwebp may round lossy data differently.
            let tolerance: Float = file.hasSuffix("jpg") || file.hasSuffix("webp") ? 1 : 0
            #expect(mean <= tolerance, "\(file) with \(name): mean difference \(mean)")
        }
    }
}
