/// At what size JPEG files are decoded.
public enum JPEGDecoding: String, Sendable, Codable, CaseIterable {
    /// At their own.
    case full
    /// At the smallest of 1/1, 1/2, 1/4 and 1/8 of it that is at least twice the size to resize to on both axes, which
    /// libjpeg-turbo computes directly: the pixels of `PIL.Image.draft(None, twice the size)` and then `resize`, which
    /// `PIL.Image.thumbnail` does too with its `reducing_gap` of 2. Large photos take a fraction of the time; features differ
    /// a little from those of full decoding.
    case scaled

    /// The divisor for a picture of `size` that is to be resized to `target`; width and height each.
    func divisor(for size: (width: Int, height: Int), to target: (width: Int, height: Int)?) -> Int {
        guard self == .scaled, let target else { return 1 }
        let scale = min(size.width / (2 * target.width), size.height / (2 * target.height))
        return [8, 4, 2].first { scale >= $0 } ?? 1
    }
}
