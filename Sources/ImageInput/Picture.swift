/// A decoded picture: 8-bit RGB, rows from the top.
public struct Picture: Sendable, Hashable {
    /// Pixels in a row.
    public let width: Int
    /// Rows.
    public let height: Int
    /// Red, green and blue in `0...255`, row-major `[height, width, 3]`.
    public let pixels: [UInt8]

    /// A picture over `pixels`, which must be `height * width * 3` values in row-major order, three at least.
    public init(width: Int, height: Int, pixels: [UInt8]) {
        precondition(
            width > 0 && height > 0 && pixels.count == width * height * 3,
            "a picture [\(height), \(width), 3] got \(pixels.count) values")
        self.width = width
        self.height = height
        self.pixels = pixels
    }

    /// A picture whose memory `fill` writes completely.
    init(
        width: Int, height: Int, filledBy fill: (UnsafeMutableBufferPointer<UInt8>) throws -> Void
    ) rethrows {
        let count = width * height * 3
        let pixels = try [UInt8](unsafeUninitializedCapacity: count) { buffer, initialized in
            try fill(UnsafeMutableBufferPointer(rebasing: buffer[..<count]))
            initialized = count
        }
        self.init(width: width, height: height, pixels: pixels)
    }
}
