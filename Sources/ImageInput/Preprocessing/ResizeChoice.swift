import Tensors

/// What a user says of resizing; unlike `Resizing` it can follow from the input size. As text what `Resizing` has, and
/// `stretch`.
public enum ResizeChoice: Sendable, Hashable, LosslessStringConvertible {
    /// To just this.
    case fixed(Resizing)
    /// timm's `crop_pct`, the part of the resized side that the crop shows, in `ResizeChoice.cropFractions`.
    case cropFraction(Double)
    /// To the input size, whatever the picture's proportions.
    case stretch

    /// The crop fractions that can be asked for.
    public static let cropFractions = 0.01...1.0

    /// Reads `none`, a shorter side in pixels, `stretch`, `stretch:HxW` or `cover:HxW`; nil for anything else.
    public init?(_ text: String) {
        if text == "stretch" {
            self = .stretch
        } else if let resizing = Resizing(text) {
            self = .fixed(resizing)
        } else {
            return nil
        }
    }

    /// That crop fraction; nil where it is not in `cropFractions`.
    public init?(cropFraction: Double) {
        guard Self.cropFractions.contains(cropFraction) else { return nil }
        self = .cropFraction(cropFraction)
    }

    /// The text that reads back, but for crop fractions, which have a key of their own wherever they are kept.
    public var description: String {
        switch self {
        case .fixed(let resizing): resizing.description
        case .cropFraction(let fraction): "crop fraction \(fraction)"
        case .stretch: "stretch"
        }
    }

    /// The size to resize to for a crop of `input`. A crop fraction means floor(side / fraction) for each side: the shorter
    /// side where the crop is square, else a box to cover, as in `transforms_imagenet_eval` of timm's
    /// data/transforms_factory.py with `crop_mode` center.
    func resizing(for input: InputSize) throws -> Resizing {
        switch self {
        case .fixed(let resizing): return resizing
        case .stretch: return .stretch(input)
        case .cropFraction(let fraction):
            func resized(_ side: Int) -> Int { Int((Double(side) / fraction).rounded(.down)) }
            if input.height == input.width { return .shorterSide(resized(input.height)) }
            guard let box = InputSize(height: resized(input.height), width: resized(input.width)) else {
                throw InputError(
                    "preprocessing",
                    "has a crop fraction of \(fraction), for more than \(InputSize.largestSide) pixels",
                    remedy: "Give a larger crop fraction or a smaller input size.")
            }
            return .cover(box)
        }
    }
}
