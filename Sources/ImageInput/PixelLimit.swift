import Tensors

/// The most pixels that a picture may have, checked against its header before memory is taken for it.
struct PixelLimit: Sendable {
    /// Width times height.
    let pixels: Int

    /// A limit of `pixels`, or of 2^40 where that is less, so that sizes in bytes cannot overflow.
    init(pixels: Int) {
        self.pixels = min(pixels, 1 << 40)
    }

    /// Throws `InputError` about "picture" for an empty picture and for one with more pixels than the limit.
    func check(width: Int, height: Int) throws {
        guard width > 0, height > 0 else { throw InputError("picture", "has no pixels (\(width) x \(height))") }
        let (count, overflow) = width.multipliedReportingOverflow(by: height)
        guard !overflow, count <= pixels else {
            throw InputError(
                "picture", "claims \(width) x \(height) pixels, more than the limit of \(pixels)",
                remedy: "Make it smaller, or raise the limit if you trust it")
        }
    }
}
