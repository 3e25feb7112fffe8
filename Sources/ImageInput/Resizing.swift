/// To what size a picture is resized before the center is cropped; as text `none`, `256`, `cover:256x365` or
/// `stretch:224`.
public enum Resizing: Sendable, Hashable, LosslessStringConvertible {
    /// Neither resized nor cropped: pictures must have the input size already.
    case unchanged
    /// The shorter side to this many pixels, the longer one in proportion: torchvision's `Resize(256)`.
    case shorterSide(Int)
    /// In proportion, so that the picture just covers this box: timm's `ResizeKeepRatio`, which it takes where the crop is
    /// not square.
    case cover(InputSize)
    /// To this height and width, whatever the picture's proportions: `size: {height, width}` of transformers.
    case stretch(InputSize)

    /// Reads what `description` writes; nil for anything else and for a shorter side that is not in `1...65536`.
    public init?(_ text: String) {
        if text == "none" {
            self = .unchanged
        } else if let length = Int(text), ImagePreprocessor.lengths.contains(length) {
            self = .shorterSide(length)
        } else if text.hasPrefix("cover:"), let box = InputSize(String(text.dropFirst(6))) {
            self = .cover(box)
        } else if text.hasPrefix("stretch:"), let size = InputSize(String(text.dropFirst(8))) {
            self = .stretch(size)
        } else {
            return nil
        }
    }

    /// The text that stands in a space's fields.
    public var description: String {
        switch self {
        case .unchanged: "none"
        case .shorterSide(let length): "\(length)"
        case .cover(let box): "cover:\(box)"
        case .stretch(let size): "stretch:\(size)"
        }
    }

    /// The lengths that can be out of range.
    var lengths: [Int] {
        if case .shorterSide(let length) = self { return [length] }
        return []
    }

    /// Width and height of a picture of that size after resizing; nil where it is not resized.
    func size(width: Int, height: Int) -> (width: Int, height: Int)? {
        switch self {
        case .unchanged: nil
        case .shorterSide(let length): Self.size(width: width, height: height, withShorterSide: length)
        case .cover(let box): Self.size(width: width, height: height, covering: box)
        case .stretch(let size): (size.width, size.height)
        }
    }

    /// The longer side is truncated as in torchvision's `_compute_resized_output_size`.
    static func size(width: Int, height: Int, withShorterSide side: Int) -> (width: Int, height: Int) {
        width <= height ? (side, side * height / width) : (side * width / height, side)
    }

    /// The picture just covers a box: timm's `ResizeKeepRatio` with `longest=0`, which rounds halves to even.
    static func size(width: Int, height: Int, covering box: InputSize) -> (width: Int, height: Int) {
        let ratio = min(Double(height) / Double(box.height), Double(width) / Double(box.width))
        func scaled(_ length: Int) -> Int { Int((Double(length) / ratio).rounded(.toNearestOrEven)) }
        return (scaled(width), scaled(height))
    }

    /// Whether a resized picture can be smaller than the crop, so that zeros fill the rest.
    func leavesGaps(in crop: InputSize) -> Bool {
        switch self {
        case .unchanged: false
        case .shorterSide(let length): length < max(crop.height, crop.width)
        case .cover(let box), .stretch(let box): box.height < crop.height || box.width < crop.width
        }
    }
}

extension Resizing: Codable {
    /// Reads a length in pixels or the text of `description`.
    public init(from decoder: any Decoder) throws {
        let value = try decoder.singleValueContainer()
        if let length = try? value.decode(Int.self) {
            self = .shorterSide(length)
        } else if let resizing = Resizing(try value.decode(String.self)) {
            self = resizing
        } else {
            throw DecodingError.dataCorruptedError(in: value, debugDescription: "is no way of resizing")
        }
    }

    /// Writes a shorter side as a number, anything else as text.
    public func encode(to encoder: any Encoder) throws {
        var value = encoder.singleValueContainer()
        if case .shorterSide(let length) = self { try value.encode(length) } else { try value.encode(description) }
    }
}
