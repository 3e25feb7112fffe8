import Foundation
import Tensors
import Testing

@testable import ImageInput

@Suite("Preprocessing files")
struct PreprocessingFileTests {
    /// A file's strings as a recipe would keep them, without `preprocessing.`, and its form.
    private static func read(_ json: String) throws -> (form: PreprocessingFile.Form, strings: [String: String]) {
        let (form, overrides) = try PreprocessingFile.read(Data(json.utf8))
        let pairs = overrides.strings.map { (String($0.dropFirst("preprocessing.".count)), $1) }
        return (form, Dictionary(uniqueKeysWithValues: pairs))
    }

    private static let imageNet = ["mean": "0.485,0.456,0.406", "std": "0.229,0.224,0.225"]

    @Test("our own keys")
    func own() throws {
        let all = try Self.read(
            """
            {"inputSize": [192, 256], "cropPct": 0.875, "interpolation": "lanczos", "mean": [0, 0.5, -1],
             "std": [1, 2, 3.5], "channelOrder": "bgr", "decoding": "scaled"}
            """)
        #expect(all.form == .own)
        #expect(
            all.strings == [
                "inputSize": "192x256", "cropPct": "0.875", "interpolation": "lanczos", "mean": "0.0,0.5,-1.0",
                "std": "1.0,2.0,3.5", "channelOrder": "bgr", "decoding": "scaled",
            ])
        for (json, expected) in [
            ("{\"inputSize\": 32, \"resize\": \"none\"}", ["inputSize": "32", "resize": "none"]),
            ("{\"inputSize\": \"32x64\", \"resize\": 80}", ["inputSize": "32x64", "resize": "80"]),
            ("{\"resize\": \"stretch\", \"mean\": null}", ["resize": "stretch"]), ("{}", [:]),
        ] {
            #expect(try Self.read(json).strings == expected, "\(json)")
        }
    }

    /// As on the hub for resnet50.a1_in1k, shortened.
    private static let timm = """
        {"architecture": "resnet50", "num_classes": 1000, "num_features": 2048, "pretrained_cfg": {"tag": "a1_in1k",
         "custom_load": false, "input_size": [3, 224, 224], "test_input_size": [3, 288, 288], "fixed_input_size": false,
         "interpolation": "bicubic", "crop_pct": 0.95, "test_crop_pct": 1.0, "crop_mode": "center",
         "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "num_classes": 1000, "pool_size": [7, 7],
         "first_conv": "conv1", "classifier": "fc", "license": "apache-2.0"}}
        """

    @Test("timm's config.json, nested and flat")
    func timm() throws {
        let expected = ["inputSize": "224", "cropPct": "0.95", "interpolation": "bicubic"].merging(Self.imageNet) { $1 }
        let nested = try Self.read(Self.timm)
        #expect(nested.form == .timm && nested.strings == expected)
        let flat = try Self.read("{\"input_size\": [3, 160, 320], \"crop_pct\": 1, \"crop_mode\": \"center\"}")
        #expect(flat.form == .timm && flat.strings == ["inputSize": "160x320", "cropPct": "1.0"])
        let (_, overrides) = try PreprocessingFile.read(Data(Self.timm.utf8))
        #expect(try overrides.applied(to: .torchvisionV1) == .timmBicubic095)
    }

    @Test("transformers' preprocessor_config.json, by the classes' own rules")
    func transformers() throws {
        let cases: [(String, [String: String])] = [
            (  // microsoft/resnet-50
                """
                {"crop_pct": 0.875, "do_normalize": true, "do_resize": true, "resample": 3, "size": 224,
                 "feature_extractor_type": "ConvNextFeatureExtractor", "image_mean": [0.485, 0.456, 0.406],
                 "image_std": [0.229, 0.224, 0.225]}
                """,
                ["inputSize": "224", "cropPct": "0.875", "interpolation": "bicubic"].merging(Self.imageNet) { $1 }
            ),
            (  // The same class from 384 pixels on.
                "{\"image_processor_type\": \"ConvNextImageProcessor\", \"size\": {\"shortest_edge\": 384}}",
                ["inputSize": "384", "resize": "stretch"]
            ),
            (  // google/vit-base-patch16-224
                """
                {"do_normalize": true, "do_rescale": true, "do_resize": true, "image_mean": [0.5, 0.5, 0.5],
                 "image_processor_type": "ViTImageProcessor", "image_std": 0.5, "resample": 2,
                 "rescale_factor": 0.00392156862745098, "size": {"height": 224, "width": 224}}
                """,
                [
                    "inputSize": "224", "resize": "stretch", "interpolation": "bilinear", "mean": "0.5,0.5,0.5",
                    "std": "0.5,0.5,0.5",
                ]
            ),
            (  // google/mobilenet_v2_1.0_224
                """
                {"crop_size": {"height": 224, "width": 224}, "do_center_crop": true, "size": {"shortest_edge": 256},
                 "image_processor_type": "MobileNetV2ImageProcessor", "resample": 2}
                """, ["inputSize": "224", "resize": "256", "interpolation": "bilinear"]
            ),
            (  // facebook/deit-base-distilled-patch16-224
                """
                {"crop_size": 224, "do_center_crop": true, "feature_extractor_type": "DeiTFeatureExtractor", "size": 256,
                 "resample": 3}
                """, ["inputSize": "224", "resize": "stretch:256", "interpolation": "bicubic"]
            ),
            (  // openai/clip-vit-base-patch32
                """
                {"crop_size": 224, "do_center_crop": true, "feature_extractor_type": "CLIPFeatureExtractor", "size": 224,
                 "do_convert_rgb": true}
                """, ["inputSize": "224", "resize": "224"]
            ),
            (  // apple/mobilevit-small
                """
                {"crop_size": 256, "do_center_crop": true, "do_flip_channel_order": true, "size": 288,
                 "feature_extractor_type": "MobileViTFeatureExtractor"}
                """,
                [
                    "inputSize": "256", "resize": "288", "mean": "0.0,0.0,0.0", "std": "1.0,1.0,1.0",
                    "channelOrder": "bgr",
                ]
            ),
            (
                "{\"do_resize\": false, \"do_normalize\": false, \"size\": {\"height\": 32, \"width\": 48}}",
                ["inputSize": "32x48", "resize": "none", "mean": "0.0,0.0,0.0", "std": "1.0,1.0,1.0"]
            ),
        ]
        for (json, expected) in cases {
            let found = try Self.read(json)
            #expect(found.form == .transformers && found.strings == expected, "\(json)")
        }
        for (number, name) in ["nearest", "lanczos", "bilinear", "bicubic", "box", "hamming"].enumerated() {
            #expect(try Self.read("{\"resample\": \(number)}").strings == ["interpolation": name])
        }
    }

    @Test("what is unknown, wrong or contradictory is refused by its key")
    func refused() throws {
        let cases: [(json: String, key: String)] = [
            ("{\"inputSize\": 32, \"input_size\": [3, 32, 32]}", "input_size"), ("{\"meen\": [0, 0, 0]}", "meen"),
            ("{\"cropPct\": 0.9, \"resize\": 256}", "cropPct"), ("{\"cropPct\": 0}", "cropPct"),
            ("{\"cropPct\": 1.5}", "cropPct"), ("{\"cropPct\": \"0.9\"}", "cropPct"),
            ("{\"inputSize\": 0}", "inputSize"),
            ("{\"inputSize\": 2.5}", "inputSize"), ("{\"inputSize\": true}", "inputSize"),
            ("{\"inputSize\": 1e300}", "inputSize"), ("{\"inputSize\": [1, 2, 3]}", "inputSize"),
            ("{\"inputSize\": {}}", "inputSize"), ("{\"resize\": \"big\"}", "resize"), ("{\"resize\": -1}", "resize"),
            ("{\"resize\": [256]}", "resize"), ("{\"interpolation\": \"random\"}", "interpolation"),
            ("{\"interpolation\": 2}", "interpolation"), ("{\"mean\": [0, 0]}", "mean"), ("{\"mean\": 0.5}", "mean"),
            ("{\"mean\": [0, 0, \"0\"]}", "mean"), ("{\"mean\": [1e39, 0, 0]}", "mean"),
            ("{\"std\": [1, 0, 1]}", "std"),
            ("{\"std\": [1, -1, 1]}", "std"), ("{\"channelOrder\": \"RGB\"}", "channelOrder"),
            ("{\"decoding\": \"half\"}", "decoding"),
            ("{\"input_size\": [1, 28, 28]}", "input_size"), ("{\"input_size\": 224}", "input_size"),
            ("{\"input_size\": [3, 224, 99999]}", "input_size"), ("{\"crop_mode\": \"squash\"}", "crop_mode"),
            ("{\"crop_pct\": -1}", "crop_pct"), ("{\"pretrained_cfg\": {\"mean\": 1}}", "mean"),
            ("{\"pretrained_cfg\": {}}", "input_size"), ("{\"architecture\": \"x\"}", "input_size"),
            ("{\"do_pad\": true, \"resample\": 2}", "do_pad"), ("{\"resample\": 6}", "resample"),
            ("{\"resample\": \"2\"}", "resample"), ("{\"rescale_factor\": 0.5}", "rescale_factor"),
            ("{\"do_rescale\": false}", "do_rescale"), ("{\"do_resize\": 1}", "do_resize"), ("{\"size\": 224}", "size"),
            ("{\"size\": {\"shortest_edge\": 224}}", "size"), ("{\"size\": {\"longest_edge\": 224}}", "size"),
            ("{\"size\": {\"height\": 224}}", "size"), ("{\"do_center_crop\": true}", "crop_size"),
            ("{\"crop_size\": \"big\"}", "crop_size"), ("{\"crop_size\": 224, \"do_resize\": false}", "do_resize"),
            ("{\"size\": {\"height\": 9, \"width\": 9}, \"crop_pct\": 0.9}", "size"),
            ("{\"include_top\": true, \"resample\": 0}", "include_top"),
            ("{\"size_divisor\": 32, \"resample\": 0}", "size_divisor"),
            ("{\"image_processor_type\": \"LevitImageProcessor\"}", "image_processor_type"),
            ("{\"do_flip_channel_order\": true, \"image_mean\": [1, 2, 3]}", "do_flip_channel_order"),
        ]
        for (json, key) in cases {
            let error = #expect(throws: InputError.self, "\(json)") { try Self.read(json) }
            #expect(error?.object == "key '\(key)'", "\(json)")
            #expect(error?.remedy.isEmpty == false, "\(json)")
        }
    }

    @Test("text that is no JSON object is refused without a trap: cut, nested, NaN, huge")
    func hostile() {
        let whole = Data(Self.timm.utf8)
        let cut = (0..<whole.count).map { whole.prefix($0) }
        let texts = [
            "[]", "3", "null", "\"x\"", "{\"mean\": [NaN, 0, 0]}", "{\"mean\": [Infinity, 0, 0]}",
            "{\"mean\": [1e999, 0, 0]}", "{\"inputSize\": 1\(String(repeating: "0", count: 400))}",
            String(repeating: "[", count: 100_000), String(repeating: "{\"mean\":", count: 100_000), "\u{FEFF}{",
            "{\u{0}}",
        ]
        for data in cut + texts.map({ Data($0.utf8) }) + [Data([0xFF, 0xFE, 0x7B]), Data(count: 1000)] {
            #expect(throws: InputError.self, "\(data.count)") { try PreprocessingFile.read(data) }
        }
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<500 {
            var damaged = [UInt8](whole)
            for _ in 0..<3 { damaged[generator.index(below: damaged.count)] ^= 1 << UInt8(generator.index(below: 8)) }
            do { _ = try PreprocessingFile.read(Data(damaged)) } catch { #expect(error is InputError) }
        }
    }

    @Test("a file's error names it; too large, missing and special files are refused; the one beside weights is found")
    func files() throws {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("preprocessing-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let weights = folder.appendingPathComponent("net.safetensors").path
        #expect(try PreprocessingFile.beside(weightsAt: weights) == nil)
        let sidecar = URL(fileURLWithPath: weights + ".json")
        try Data("{\"inputSize\": 64}".utf8).write(to: sidecar)
        let found = try #require(try PreprocessingFile.beside(weightsAt: weights))
        #expect(found.path == sidecar.path && found.overrides.inputSize == InputSize(square: 64))
        try Data("{\"inputSize\": 0}".utf8).write(to: sidecar)
        let error = #expect(throws: InputError.self) { try PreprocessingFile.beside(weightsAt: weights) }
        #expect(error?.object == "\(sidecar.path): key 'inputSize'" && error?.fact == "is 0")
        try Data(repeating: UInt8(ascii: " "), count: PreprocessingFile.largestSize + 1).write(to: sidecar)
        let large = #expect(throws: InputError.self) { try PreprocessingFile(path: sidecar.path) }
        #expect(large?.fact.hasPrefix("has 1048577 bytes") == true)
        #expect(throws: InputError.self) { try PreprocessingFile(path: folder.path) }
        #expect(throws: InputError.self) { try PreprocessingFile(path: folder.path + "/nowhere.json") }
    }
}
