import CImageCodecs
public import Foundation

/// Small pictures to look at.
extension Picture {
    /// The picture in the bytes of a file, upright, made smaller where its longer side has more than `side` pixels. Throws `InputError` as
    /// `ImageDecoder.decode` does.
    public static func thumbnail(of bytes: Data, side: Int) throws -> Picture {
        precondition(side > 0, "a thumbnail of \(side) pixels")
        return try ImageDecoder(forShorterSide: side).decode(bytes).fitted(into: side)
    }

    /// The picture made smaller, as `PIL.Image.thumbnail` does with bicubic interpolation, so that neither side has more than `side`
    /// pixels; as it is where that is so already.
    func fitted(into side: Int) -> Picture {
        let longer = max(width, height)
        guard longer > side else { return self }
        func scaled(_ length: Int) -> Int { max(1, (2 * length * side + longer) / (2 * longer)) }
        let size = (width: scaled(width), height: scaled(height))
        return resizedCrop(to: size, width: size.width, height: size.height, interpolation: .bicubic)
    }

    /// The bytes of a baseline JPEG file; `quality` is libjpeg's, 1...100. Both sides must have at most 65,500 pixels.
    public func jpegFile(quality: Int = 85) -> Data {
        precondition((1...100).contains(quality) && max(width, height) <= 65_500, "a JPEG of quality \(quality)")
        var count = 0
        guard let bytes = ftc_jpeg_encode(pixels, UInt32(width), UInt32(height), Int32(quality), &count) else {
            preconditionFailure("no memory for a JPEG of [\(height), \(width)]")
        }
        defer { ftc_jpeg_free(bytes) }
        return Data(bytes: bytes, count: count)
    }

    /// The bytes of a PNG file with these pixels.
    public func pngFile() -> Data {
        var count = 0
        guard let bytes = ftc_png_encode(pixels, UInt32(width), UInt32(height), &count) else {
            preconditionFailure("no memory for a PNG of [\(height), \(width)]")
        }
        defer { ftc_png_free(bytes) }
        return Data(bytes: bytes, count: count)
    }

    /// Several pictures in rows of `columns`, each in the middle of a square of `side` pixels on a background of one gray; nil leaves a
    /// square empty. Pictures must fit.
    public static func grid(_ pictures: [Picture?], columns: Int, side: Int, gray: UInt8 = 255) -> Picture {
        precondition(!pictures.isEmpty && columns > 0, "a grid of nothing")
        let rows = (pictures.count + columns - 1) / columns
        let width = side * columns
        var pixels = [UInt8](repeating: gray, count: width * rows * side * 3)
        for (position, picture) in pictures.enumerated() {
            guard let picture else { continue }
            precondition(max(picture.width, picture.height) <= side, "a picture beyond its square of \(side)")
            let left = position % columns * side + (side - picture.width) / 2
            let top = position / columns * side + (side - picture.height) / 2
            for row in 0..<picture.height {
                let start = ((top + row) * width + left) * 3
                let from = row * picture.width * 3..<(row + 1) * picture.width * 3
                pixels.replaceSubrange(start..<start + from.count, with: picture.pixels[from])
            }
        }
        return Picture(width: width, height: rows * side, pixels: pixels)
    }

    /// Several pictures in a row, each in the middle of a square of `side` pixels on a background of one gray; pictures must fit.
    public static func strip(_ pictures: [Picture], side: Int, gray: UInt8 = 255) -> Picture {
        grid(pictures, columns: pictures.count, side: side, gray: gray)
    }
}
