import Foundation
import ImageInput
import Tensors
import Testing

@Suite("Preprocessing")
struct ImagePreprocessorTests {
    private static func custom(
        resize: Int? = nil, height: Int = 2, width: Int = 3, mean: [Float] = [0.1, 0.2, 0.3],
        deviation: [Float] = [0.5, 0.25, 2]
    ) throws -> ImagePreprocessor {
        try ImagePreprocessor(
            resize: resize, cropHeight: height, cropWidth: width, mean: mean, standardDeviation: deviation)
    }

    private static let small = Picture(width: 3, height: 2, pixels: (0..<18).map { UInt8($0 * 15) })

    @Test("values become (value / 255 - mean) / deviation, one channel after the other")
    func normalized() throws {
        let tensor = try Self.custom().tensor(of: Self.small)
        #expect(tensor.shape == [1, 3, 2, 3])
        for channel in 0..<3 {
            for pixel in 0..<6 {
                let value = Float(Self.small.pixels[3 * pixel + channel])
                let expected = (value / 255 - [0.1, 0.2, 0.3][channel]) / [0.5, 0.25, 2][channel]
                #expect(tensor.elements[6 * channel + pixel] == expected)
            }
        }
    }

    @Test("a picture is written to its place in a batch and to no other")
    func batch() throws {
        let preprocessor = try Self.custom()
        var batch = Tensor4(count: 3, channels: 3, height: 2, width: 3)
        try preprocessor.write(Self.small, to: &batch, at: 1)
        let item = try preprocessor.tensor(of: Self.small).elements
        #expect(batch.elements == [Float](repeating: 0, count: 18) + item + [Float](repeating: 0, count: 18))
    }

    @Test("without resizing, a picture of another size is refused")
    func exactSize() throws {
        let error = #expect(throws: InputError.self) { try Self.custom(height: 3).crop(of: Self.small) }
        #expect(error?.object == "picture")
        #expect(error?.fact == "has 3 x 2 pixels, not the model's 3 x 3")
    }

    @Test("presets carry the settings of their models")
    func presets() throws {
        #expect(ImagePreprocessor.presetNames.count == 4)
        for name in ImagePreprocessor.presetNames {
            let preset = try ImagePreprocessor.preset(named: name)
            #expect(preset.cropHeight == 224 && preset.cropWidth == 224)
            #expect(preset.exif == .apply)
        }
        #expect(ImagePreprocessor.torchvisionV2.resize == 232)
        #expect(ImagePreprocessor.timmBicubic095.resize == Int(224 / 0.95))
        #expect(try ImagePreprocessor.preset(named: "efficientnet-lite0") == .efficientNetLite0)
        let error = #expect(throws: InputError.self) { try ImagePreprocessor.preset(named: "vgg") }
        #expect(error?.remedy.contains("torchvision-v1, torchvision-v2") == true)
    }

    @Test("fields describe every setting, exactly")
    func fields() throws {
        #expect(
            ImagePreprocessor.torchvisionV1.fields == [
                "preprocessing.resize": "256", "preprocessing.crop": "224x224",
                "preprocessing.interpolation": "bilinear", "preprocessing.mean": "0.485 0.456 0.406",
                "preprocessing.standardDeviation": "0.229 0.224 0.225", "preprocessing.exif": "apply",
            ])
        #expect(ImagePreprocessor.torchvisionV1.with(exif: .ignore).fields["preprocessing.exif"] == "ignore")
        #expect(try Self.custom().fields["preprocessing.resize"] == "none")
    }

    @Test("a preprocessor survives JSON", arguments: ImagePreprocessor.presetNames)
    func json(name: String) throws {
        let preset = try ImagePreprocessor.preset(named: name).with(exif: .ignore)
        let data = try CanonicalJSON.encode(preset)
        #expect(try JSONDecoder().decode(ImagePreprocessor.self, from: data) == preset)
    }

    @Test("settings that cannot work are refused, from code and from JSON")
    func refused() throws {
        #expect(throws: InputError.self) { try Self.custom(resize: 0) }
        #expect(throws: InputError.self) { try Self.custom(height: -1) }
        #expect(throws: InputError.self) { try Self.custom(width: 1 << 40) }
        #expect(throws: InputError.self) { try Self.custom(mean: [0, .nan, 0]) }
        #expect(throws: InputError.self) { try Self.custom(deviation: [1, 0, 1]) }
        #expect(throws: InputError.self) { try Self.custom(deviation: [1, 1]) }
        let text = String(decoding: try CanonicalJSON.encode(ImagePreprocessor.torchvisionV1), as: UTF8.self)
        let hostile = Data(text.replacingOccurrences(of: "256", with: "-5").utf8)
        #expect(throws: InputError.self) { try JSONDecoder().decode(ImagePreprocessor.self, from: hostile) }
    }
}
