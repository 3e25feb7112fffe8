import Tensors
import Testing

@testable import ImageInput

@Suite("Overrides of a preset")
struct PreprocessingOverridesTests {
    private static let preset = ImagePreprocessor.torchvisionV1

    @Test("each changes its own field and no other")
    func single() throws {
        let cases: [(PreprocessingOverrides, changed: [String: String])] = [
            (.init(), [:]), (.init(inputSize: InputSize(square: 192)), ["crop": "192x192"]),
            (.init(inputSize: InputSize("192x256")), ["crop": "192x256"]),
            (.init(resize: .fixed(.shorterSide(232))), ["resize": "232"]),
            (.init(resize: .fixed(.unchanged)), ["resize": "none", "interpolation": "none"]),
            (.init(resize: .stretch), ["resize": "stretch:224"]),
            (.init(resize: .cropFraction(0.95)), ["resize": "235"]),
            (.init(interpolation: .lanczos), ["interpolation": "lanczos"]),
            (.init(mean: ColorValues([0, 0.5, 1])), ["mean": "0.0 0.5 1.0"]),
            (.init(standardDeviation: ColorValues([1, 2, 3])), ["standardDeviation": "1.0 2.0 3.0"]),
            (.init(channelOrder: .bgr), ["channelOrder": "bgr"]), (.init(channelOrder: .rgb), [:]),
            (.init(decoding: .scaled), ["decoding": "scaled"]), (.init(decoding: .full), [:]),
        ]
        for (overrides, changed) in cases {
            let prefixed = Dictionary(uniqueKeysWithValues: changed.map { ("preprocessing." + $0, $1) })
            let expected = Self.preset.fields.merging(prefixed) { $1 }
            #expect(try overrides.applied(to: Self.preset).fields == expected, "\(overrides)")
        }
    }

    @Test("the EXIF policy stays")
    func exif() throws {
        let overrides = PreprocessingOverrides(channelOrder: .bgr)
        #expect(try overrides.applied(to: Self.preset.with(exif: .ignore)).exif == .ignore)
        let scaled = try PreprocessingOverrides(decoding: .scaled).applied(to: Self.preset)
        #expect(scaled.with(exif: .ignore).decoding == .scaled)
    }

    @Test("a crop fraction follows the input size: floor(side / fraction), a box where the sides differ")
    func cropFractions() throws {
        for (size, fraction, resized) in [
            ("224", 0.875, "256"), ("224", 0.95, "235"), ("288", 1, "288"), ("299", 0.875, "341"),
            ("224x320", 0.875, "cover:256x365"),
        ] {
            let overrides = PreprocessingOverrides(inputSize: InputSize(size), resize: .cropFraction(fraction))
            #expect(try overrides.applied(to: Self.preset).resizing.description == resized)
        }
        let wide = PreprocessingOverrides(inputSize: InputSize("300x200"), resize: .cropFraction(0.01))
        #expect(throws: InputError.self) { try wide.applied(to: Self.preset) }
    }

    /// `ResizeKeepRatio.get_params(img, (h, w), longest=0)` of timm 1.0, width before height.
    @Test(
        "covering a box gives timm's sizes",
        arguments: [
            (500, 375, "256x365", 365, 274), (375, 500, "256x365", 365, 487), (61, 47, "20x30", 30, 23),
            (100, 100, "256x365", 365, 365), (5, 3, "3x2", 5, 3), (3, 7, "2x5", 5, 12),
        ])
    func covering(_ width: Int, _ height: Int, _ box: String, _ newWidth: Int, _ newHeight: Int) throws {
        let size = Resizing.size(width: width, height: height, covering: try #require(InputSize(box)))
        #expect(size == (newWidth, newHeight))
    }

    @Test("sizes that would leave a part of the input black are refused; a preset alone is not judged")
    func gaps() throws {
        let large = PreprocessingOverrides(inputSize: InputSize(square: 288))
        let error = #expect(throws: InputError.self) { try large.applied(to: Self.preset) }
        #expect(error?.fact == "resizes to 256, less than the input size of 288")
        let small = PreprocessingOverrides(resize: .fixed(.shorterSide(200)))
        #expect(throws: InputError.self) { try small.applied(to: Self.preset) }
        let padded = try ImagePreprocessor(
            resize: 10, cropHeight: 20, cropWidth: 20, mean: [0, 0, 0], standardDeviation: [1, 1, 1])
        #expect(try PreprocessingOverrides(interpolation: .box).applied(to: padded).interpolation == .box)
        #expect(throws: InputError.self) {
            try PreprocessingOverrides(standardDeviation: ColorValues([1, 0, 1])).applied(to: Self.preset)
        }
    }

    @Test("stronger overrides win field by field; another way of resizing wins as a whole")
    func precedence() {
        let file = PreprocessingOverrides(
            inputSize: InputSize(square: 288), resize: .cropFraction(0.95), interpolation: .bicubic,
            mean: ColorValues([0, 0, 0]))
        let flags = PreprocessingOverrides(resize: .fixed(.shorterSide(320)), mean: ColorValues([1, 1, 1]))
        let both = flags.over(file)
        #expect(both.inputSize == InputSize(square: 288) && both.interpolation == .bicubic)
        #expect(both.resize == .fixed(.shorterSide(320)) && both.mean == ColorValues([1, 1, 1]))
        #expect(PreprocessingOverrides().over(file) == file && file.over(PreprocessingOverrides()) == file)
    }

    @Test("survive the strings of a recipe")
    func strings() throws {
        let choices = ["none", "256", "stretch", "stretch:256x200", "cover:10x20"].map(ResizeChoice.init)
        for resize in choices + [.cropFraction(0.875), .cropFraction(224.0 / 237), nil] {
            let overrides = PreprocessingOverrides(
                inputSize: InputSize("32x48"), resize: resize, interpolation: .hamming,
                mean: ColorValues([0.1, -2, 1e-7]), standardDeviation: ColorValues([0.229, 0.224, 1e9]),
                channelOrder: .bgr, decoding: .scaled)
            #expect(try PreprocessingOverrides(strings: overrides.strings) == overrides)
        }
        #expect(PreprocessingOverrides().strings.isEmpty)
        #expect(try PreprocessingOverrides(strings: ["preprocessing": "torchvision-v1", "cut": "x"]).isEmpty)
        for key in ["inputSize", "resize", "cropPct", "interpolation", "mean", "std", "channelOrder", "decoding"] {
            #expect(throws: InputError.self) { try PreprocessingOverrides(strings: ["preprocessing." + key: "?"]) }
        }
    }

    @Test("texts that mean nothing are no values")
    func texts() {
        for text in ["", "x", "0", "-3", "224x", "x224", "1x2x3", "8193", "99999999999999999999", "2.5", " 224", "1X2"]
        {
            #expect(InputSize(text) == nil, "\(text)")
        }
        for text in ["", "None", "0", "-1", "65537", "cover", "cover:", "stretch:0", "stretch:1x2x3", "nan"] {
            #expect(ResizeChoice(text) == nil, "\(text)")
        }
        for text in ["", "1,2", "1,2,3,4", "1,2,", "nan,0,0", "inf,0,0", "1e99,0,0", "a,b,c", "1;2;3"] {
            #expect(ColorValues(text) == nil, "\(text)")
        }
        #expect(ColorValues("0.1, -2,3e-1")?.values == [0.1, -2, 0.3])
    }

    @Test("blue first is a matter of the planes' order alone")
    func channelOrder() throws {
        let picture = Picture(width: 3, height: 2, pixels: (0..<18).map { UInt8($0 * 15) })
        let rgb = try ImagePreprocessor(
            resize: nil, cropHeight: 2, cropWidth: 3, mean: [0.1, 0.2, 0.3], standardDeviation: [0.5, 0.25, 2])
        let bgr = try PreprocessingOverrides(channelOrder: .bgr).applied(to: rgb)
        let (red, blue) = (try rgb.tensor(of: picture).elements, try bgr.tensor(of: picture).elements)
        #expect(blue == Array(red[12..<18] + red[6..<12] + red[0..<6]))
    }

    @Test("stretching fills the input whatever the proportions; a crop takes the middle of a stretched picture")
    func stretching() throws {
        let picture = Picture(width: 4, height: 1, pixels: [10, 10, 10, 20, 20, 20, 30, 30, 30, 40, 40, 40])
        let base = try ImagePreprocessor(
            resizing: .stretch(InputSize(square: 2)), cropHeight: 2, cropWidth: 2, interpolation: .box,
            mean: [0, 0, 0], standardDeviation: [1, 1, 1])
        #expect(try base.crop(of: picture).pixels == [15, 15, 15, 35, 35, 35, 15, 15, 15, 35, 35, 35])
        let cropped = try ImagePreprocessor(
            resizing: .stretch(InputSize(square: 4)), cropHeight: 1, cropWidth: 2, interpolation: .box,
            mean: [0, 0, 0], standardDeviation: [1, 1, 1])
        #expect(try cropped.crop(of: picture).pixels == [20, 20, 20, 30, 30, 30])
    }
}
