import Foundation
import Tensors

/// Turns a picture into what a network takes: resized, cropped to the center, scaled to `0...1` and standardized per
/// channel, with the numbers of torchvision's transforms on PIL pictures.
public struct ImagePreprocessor: Sendable, Hashable {
    /// To what size pictures are resized before the crop.
    public let resizing: Resizing
    /// Rows of the network's input.
    public let cropHeight: Int
    /// Columns of the network's input.
    public let cropWidth: Int
    /// The filter that resizing interpolates with.
    public let interpolation: Interpolation
    /// What is subtracted from red, green and blue, in this order, after scaling to `0...1`.
    public let mean: [Float]
    /// What red, green and blue, in this order, are divided by after that.
    public let standardDeviation: [Float]
    /// The order of the planes in the network's input.
    public let channelOrder: ChannelOrder
    /// Whether pictures are turned upright when they are decoded.
    public let exif: ExifPolicy
    /// At what size JPEG files are decoded.
    public let decoding: JPEGDecoding

    /// A preprocessor with these settings. Throws `InputError` where a length is not positive, is above 65,536, or
    /// `mean` and `standardDeviation` are not three finite values each, the latter positive.
    public init(
        resizing: Resizing, cropHeight: Int, cropWidth: Int, interpolation: Interpolation = .bilinear, mean: [Float],
        standardDeviation: [Float], channelOrder: ChannelOrder = .rgb, exif: ExifPolicy = .apply,
        decoding: JPEGDecoding = .full
    ) throws {
        let crop = [("crop height", cropHeight), ("crop width", cropWidth)]
        for (name, length) in resizing.lengths.map({ ("resize", $0) }) + crop {
            guard Self.lengths.contains(length) else {
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
            checkedResizing: resizing, cropHeight: cropHeight, cropWidth: cropWidth, interpolation: interpolation,
            mean: mean, standardDeviation: standardDeviation, channelOrder: channelOrder, exif: exif,
            decoding: decoding)
    }

    /// The same with the length of the shorter side after resizing; nil where pictures are neither resized nor cropped.
    /// Throws as `init(resizing:…)` does.
    public init(
        resize: Int?, cropHeight: Int, cropWidth: Int, interpolation: Interpolation = .bilinear, mean: [Float],
        standardDeviation: [Float], exif: ExifPolicy = .apply
    ) throws {
        try self.init(
            resizing: resize.map(Resizing.shorterSide) ?? .unchanged, cropHeight: cropHeight, cropWidth: cropWidth,
            interpolation: interpolation, mean: mean, standardDeviation: standardDeviation, exif: exif)
    }

    init(
        checkedResizing: Resizing, cropHeight: Int, cropWidth: Int, interpolation: Interpolation, mean: [Float],
        standardDeviation: [Float], channelOrder: ChannelOrder, exif: ExifPolicy, decoding: JPEGDecoding = .full
    ) {
        self.resizing = checkedResizing
        self.cropHeight = cropHeight
        self.cropWidth = cropWidth
        self.interpolation = interpolation
        self.mean = mean
        self.standardDeviation = standardDeviation
        self.channelOrder = channelOrder
        self.exif = exif
        self.decoding = decoding
    }

    /// The pixels that a side of a crop or of a resized picture can have.
    static let lengths = 1...65_536

    /// The length that the shorter side is resized to; nil where pictures are not resized so.
    public var resize: Int? {
        if case .shorterSide(let length) = resizing { return length }
        return nil
    }

    /// The same preprocessing with another EXIF policy.
    public func with(exif: ExifPolicy) -> ImagePreprocessor {
        ImagePreprocessor(
            checkedResizing: resizing, cropHeight: cropHeight, cropWidth: cropWidth, interpolation: interpolation,
            mean: mean, standardDeviation: standardDeviation, channelOrder: channelOrder, exif: exif,
            decoding: decoding)
    }

    /// The settings as text, one entry each, for fingerprints and for naming the field in which two differ. Floats have
    /// the fewest digits that read back as the same value. What later versions added is there only where it is not the
    /// default, so that the fingerprints of older stores stay.
    public var fields: [String: String] {
        var fields = [
            "preprocessing.resize": resizing.description,
            "preprocessing.crop": "\(cropHeight)x\(cropWidth)",
            "preprocessing.interpolation": resizing == .unchanged ? "none" : interpolation.rawValue,
            "preprocessing.mean": mean.map(\.description).joined(separator: " "),
            "preprocessing.standardDeviation": standardDeviation.map(\.description).joined(separator: " "),
            "preprocessing.exif": exif.rawValue,
        ]
        if channelOrder != .rgb { fields["preprocessing.channelOrder"] = channelOrder.rawValue }
        if decoding != .full { fields["preprocessing.decoding"] = decoding.rawValue }
        return fields
    }

    /// The resized center crop, `[cropHeight, cropWidth, 3]`, before scaling to floats. Throws `InputError` about
    /// "picture" where nothing is resized and the picture has another size.
    public func crop(of picture: Picture) throws -> Picture {
        guard let size = resizing.size(width: picture.width, height: picture.height) else {
            guard picture.width == cropWidth, picture.height == cropHeight else {
                throw InputError(
                    "picture",
                    "has \(picture.width) x \(picture.height) pixels, not the model's \(cropWidth) x \(cropHeight)",
                    remedy: "Resize it first, or choose a preprocessing that does")
            }
            return picture
        }
        return picture.resizedCrop(to: size, width: cropWidth, height: cropHeight, interpolation: interpolation)
    }
}
