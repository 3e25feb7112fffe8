public import Foundation
import Tensors

/// What to do with the orientation that a camera noted in a picture's EXIF block.
public enum ExifPolicy: String, Sendable, Codable, CaseIterable {
    /// Turn and mirror the picture upright, as `PIL.ImageOps.exif_transpose` does.
    case apply
    /// Take the pixels as they are stored, as `PIL.Image.open` does.
    case ignore
}

/// Decodes JPEG, PNG, WebP, GIF and BMP to the RGB pixels that Pillow gives, recognizing the format by content.
///
/// Grayscale, palettes and CMYK become RGB as `PIL.Image.convert("RGB")` makes them; 16-bit samples are divided by 257
/// and rounded; transparent parts lie on white. Of an animation the first frame is taken. A file that ends too early is
/// an error, even where its library would fill the rest with gray.
public struct ImageDecoder: Sendable {
    /// Twice `PIL.Image.MAX_IMAGE_PIXELS`, above which Pillow refuses a picture as a decompression bomb.
    public static let defaultPixelLimit = 178_956_970

    private let limit: PixelLimit
    private let exif: ExifPolicy
    /// What decoded pictures are resized to, and at what size JPEG files are decoded for that.
    private let resizing: Resizing
    private let decoding: JPEGDecoding

    /// A decoder that refuses pictures with more than `pixelLimit` pixels before taking memory for them.
    public init(pixelLimit: Int = ImageDecoder.defaultPixelLimit, exif: ExifPolicy = .apply) {
        limit = PixelLimit(pixels: pixelLimit)
        self.exif = exif
        (resizing, decoding) = (.unchanged, .full)
    }

    /// A decoder as `preprocessor` wants it.
    public init(pixelLimit: Int = ImageDecoder.defaultPixelLimit, for preprocessor: ImagePreprocessor) {
        limit = PixelLimit(pixels: pixelLimit)
        exif = preprocessor.exif
        (resizing, decoding) = (preprocessor.resizing, preprocessor.decoding)
    }

    /// A decoder of pictures that are to be made small, so that the shorter side has `side` pixels.
    init(pixelLimit: Int = ImageDecoder.defaultPixelLimit, forShorterSide side: Int) {
        limit = PixelLimit(pixels: pixelLimit)
        (exif, resizing, decoding) = (.apply, .shorterSide(side), .scaled)
    }

    /// The picture in the bytes of a file. Throws `InputError` about "picture" where they are no picture of a known
    /// format, end too early, are damaged, or claim more pixels than the limit.
    public func decode(_ bytes: UnsafeRawBufferPointer) throws -> Picture {
        guard let format = ImageFormat(recognizing: bytes) else { throw ImageFormat.unrecognized(bytes) }
        let orientation = exif == .apply ? ExifBlock(of: format, in: bytes)?.orientation : nil
        let picture =
            format == .bmp
            ? try BitmapFile(bytes).picture(limit: limit)
            : try Codec(format: format).decode(bytes, limit: limit) { divisor(for: $0, orientation) }
        return orientation.map(picture.turnedUpright) ?? picture
    }

    /// By what a JPEG file of a stored size may be divided while it is decoded.
    private func divisor(for stored: (width: Int, height: Int), _ orientation: Orientation?) -> Int {
        let isTurned = orientation?.exchangesAxes ?? false
        let upright = isTurned ? (width: stored.height, height: stored.width) : stored
        return decoding.divisor(for: upright, to: resizing.size(width: upright.width, height: upright.height))
    }

    /// The picture in the bytes of a file; throws as the other form does.
    public func decode(_ data: Data) throws -> Picture {
        try data.withUnsafeBytes { try decode($0) }
    }
}
