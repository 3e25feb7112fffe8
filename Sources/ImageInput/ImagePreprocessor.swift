import Foundation
import Tensors

/// Turns a picture into what a network takes: resized, cropped to the center, scaled to `0...1` and standardized per
/// channel, with the numbers of torchvision's transforms on PIL pictures.
public struct ImagePreprocessor: Sendable, Hashable, Codable {
    /// The length that the shorter side is resized to, the longer one in proportion; nil where pictures are neither
    /// resized nor cropped and must have the input size already.
    public let resize: Int?
    /// Rows of the network's input.
    public let cropHeight: Int
    /// Columns of the network's input.
    public let cropWidth: Int
    /// The filter that resizing interpolates with.
    public let interpolation: Interpolation
    /// What is subtracted from red, green and blue after scaling to `0...1`.
    public let mean: [Float]
    /// What red, green and blue are divided by after that.
    public let standardDeviation: [Float]
    /// Whether pictures are turned upright when they are decoded.
    public let exif: ExifPolicy

    /// A preprocessor with these settings. Throws `InputError` where a length is not positive, is above 65,536, or
    /// `mean` and `standardDeviation` are not three finite values each, the latter positive.
    public init(
        resize: Int?, cropHeight: Int, cropWidth: Int, interpolation: Interpolation = .bilinear, mean: [Float],
        standardDeviation: [Float], exif: ExifPolicy = .apply
    ) throws {
        for (name, length) in [("resize", resize ?? 1), ("crop height", cropHeight), ("crop width", cropWidth)] {
            guard (1...65_536).contains(length) else {
                throw InputError("preprocessing", "has a \(name) of \(length)", remedy: "Give 1 to 65536 pixels")
            }
        }
        guard mean.count == 3, mean.allSatisfy(\.isFinite) else {
            throw InputError("preprocessing", "has the mean \(mean)", remedy: "Give one finite value a color channel")
        }
        guard standardDeviation.count == 3, standardDeviation.allSatisfy({ $0.isFinite && $0 > 0 }) else {
            throw InputError(
                "preprocessing", "has the standard deviation \(standardDeviation)",
                remedy: "Give one positive value a color channel")
        }
        self.init(
            checkedResize: resize, cropHeight: cropHeight, cropWidth: cropWidth, interpolation: interpolation,
            mean: mean, standardDeviation: standardDeviation, exif: exif)
    }

    init(
        checkedResize: Int?, cropHeight: Int, cropWidth: Int, interpolation: Interpolation, mean: [Float],
        standardDeviation: [Float], exif: ExifPolicy
    ) {
        self.resize = checkedResize
        self.cropHeight = cropHeight
        self.cropWidth = cropWidth
        self.interpolation = interpolation
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.exif = exif
    }

    /// A decoded preprocessor; throws `InputError` as `init(resize:cropHeight:cropWidth:interpolation:...)` does.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        try self.init(
            resize: values.decodeIfPresent(Int.self, forKey: .resize),
            cropHeight: values.decode(Int.self, forKey: .cropHeight),
            cropWidth: values.decode(Int.self, forKey: .cropWidth),
            interpolation: values.decode(Interpolation.self, forKey: .interpolation),
            mean: values.decode([Float].self, forKey: .mean),
            standardDeviation: values.decode([Float].self, forKey: .standardDeviation),
            exif: values.decode(ExifPolicy.self, forKey: .exif))
    }

    /// The same preprocessing with another EXIF policy.
    public func with(exif: ExifPolicy) -> ImagePreprocessor {
        ImagePreprocessor(
            checkedResize: resize, cropHeight: cropHeight, cropWidth: cropWidth, interpolation: interpolation,
            mean: mean, standardDeviation: standardDeviation, exif: exif)
    }

    /// The settings as text, one entry each, for fingerprints and for naming the field in which two differ. Floats have
    /// the fewest digits that read back as the same value.
    public var fields: [String: String] {
        [
            "preprocessing.resize": resize.map(String.init) ?? "none",
            "preprocessing.crop": "\(cropHeight)x\(cropWidth)",
            "preprocessing.interpolation": resize == nil ? "none" : interpolation.rawValue,
            "preprocessing.mean": mean.map(\.description).joined(separator: " "),
            "preprocessing.standardDeviation": standardDeviation.map(\.description).joined(separator: " "),
            "preprocessing.exif": exif.rawValue,
        ]
    }

    /// The resized center crop, `[cropHeight, cropWidth, 3]`, before scaling to floats. Throws `InputError` about
    /// "picture" where nothing is resized and the picture has another size.
    public func crop(of picture: Picture) throws -> Picture {
        guard let resize else {
            guard picture.width == cropWidth, picture.height == cropHeight else {
                throw InputError(
                    "picture",
                    "has \(picture.width) x \(picture.height) pixels, not the model's \(cropWidth) x \(cropHeight)",
                    remedy: "Resize it first, or choose a preprocessing that does")
            }
            return picture
        }
        return picture.resizedCrop(
            shorterSide: resize, width: cropWidth, height: cropHeight, interpolation: interpolation)
    }
}
