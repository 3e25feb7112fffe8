import CImageCodecs
import Tensors

/// The library behind one compressed format, called through `CImageCodecs`.
struct Codec {
    /// A format other than BMP.
    let format: ImageFormat

    /// Decodes a file of this format. Throws `InputError` about "picture" where it is cut, damaged, of an unsupported
    /// kind or larger than `limit`; nothing is allocated for a picture above the limit. A JPEG file is decoded at a fraction
    /// of its size, by the `divisor` of 1, 2, 4 or 8 for its size.
    func decode(
        _ file: UnsafeRawBufferPointer, limit: PixelLimit,
        divisor: ((width: Int, height: Int)) -> Int = { _ in 1 }
    ) throws -> Picture {
        let bytes = file.bindMemory(to: UInt8.self)
        var layout = ftc_picture_layout()
        try check { readLayout(bytes, &layout, $0) }
        try limit.check(width: Int(layout.width), height: Int(layout.height))
        if format == .jpeg {
            ftc_jpeg_divide(&layout, UInt32(divisor((Int(layout.width), Int(layout.height)))))
        }
        let (width, height) = (Int(layout.width), Int(layout.height))
        return try withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(layout.scratch_bytes)) { scratch in
            try Picture(width: width, height: height) { pixels in
                try check { readPixels(bytes, &layout, pixels, scratch, $0) }
            }
        }
    }

    private func readLayout(
        _ bytes: UnsafeBufferPointer<UInt8>, _ layout: inout ftc_picture_layout, _ message: UnsafeMutablePointer<CChar>
    ) -> ftc_codec_status {
        switch format {
        case .jpeg: ftc_jpeg_layout(bytes.baseAddress, bytes.count, &layout, message)
        case .png: ftc_png_layout(bytes.baseAddress, bytes.count, &layout, message)
        case .webp: ftc_webp_layout(bytes.baseAddress, bytes.count, &layout, message)
        case .gif: ftc_gif_layout(bytes.baseAddress, bytes.count, &layout, message)
        case .bmp: preconditionFailure("BMP files are read by BitmapFile")
        }
    }

    private func readPixels(
        _ bytes: UnsafeBufferPointer<UInt8>, _ layout: inout ftc_picture_layout,
        _ pixels: UnsafeMutableBufferPointer<UInt8>, _ scratch: UnsafeMutableBufferPointer<UInt8>,
        _ message: UnsafeMutablePointer<CChar>
    ) -> ftc_codec_status {
        let (start, count) = (bytes.baseAddress, bytes.count)
        let (rgb, scratch) = (pixels.baseAddress, scratch.baseAddress)
        switch format {
        case .jpeg: return ftc_jpeg_decode(start, count, &layout, rgb, scratch, message)
        case .png: return ftc_png_decode(start, count, &layout, rgb, scratch, message)
        case .webp: return ftc_webp_decode(start, count, &layout, rgb, scratch, message)
        case .gif: return ftc_gif_decode(start, count, &layout, rgb, scratch, message)
        case .bmp: preconditionFailure("BMP files are read by BitmapFile")
        }
    }

    /// Runs `call` with a buffer for its message and throws what that says.
    private func check(_ call: (UnsafeMutablePointer<CChar>) -> ftc_codec_status) throws {
        let capacity = Int(FTC_CODEC_MESSAGE_CAPACITY)
        let failure: InputError? = withUnsafeTemporaryAllocation(of: CChar.self, capacity: capacity) { buffer in
            buffer.initialize(repeating: 0)
            guard let message = buffer.baseAddress else { return nil }  // nil only for a capacity of 0
            let status = call(message)
            return status == FTC_CODEC_OK ? nil : error(status, String(cString: message))
        }
        if let failure { throw failure }
    }

    private func error(_ status: ftc_codec_status, _ message: String) -> InputError {
        switch status {
        case FTC_CODEC_TRUNCATED: .truncatedPicture(format, message)
        case FTC_CODEC_UNSUPPORTED: .unsupportedPicture(format, message)
        default: .damagedPicture(format, message)
        }
    }
}
