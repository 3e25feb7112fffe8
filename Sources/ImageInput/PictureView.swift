import Foundation
public import Tensors

/// Which look at a picture becomes the network's input. Several looks at each are worth more pictures to train on.
public enum PictureView: Sendable, Hashable, LosslessStringConvertible {
    /// The whole picture as it is preprocessed without views: resized and cropped to the center.
    case center
    /// The same, mirrored left to right.
    case flip
    /// A random part, resized to the crop, mirrored half of the time: torchvision's `RandomResizedCrop` with its defaults (Szegedy
    /// et al. 2014) and `RandomHorizontalFlip`. Which part depends on the number, the seed and the picture's content alone.
    case crop(number: Int, seed: UInt64)

    /// The first `count` views: the center, its mirror image, then random crops.
    public static func views(_ count: Int, seed: UInt64) -> [PictureView] {
        precondition(count > 0, "\(count) views")
        return Array(([.center, .flip] + (2..<max(count, 2)).map { .crop(number: $0, seed: seed) }).prefix(count))
    }

    /// `center`, `flip`, or `crop 2 seed 0`.
    public var description: String {
        switch self {
        case .center: "center"
        case .flip: "flip"
        case .crop(let number, let seed): "crop \(number) seed \(seed)"
        }
    }

    /// Reads what `description` writes; nil for anything else.
    public init?(_ text: String) {
        let words = text.split(separator: " ", omittingEmptySubsequences: false)
        switch text {
        case "center": self = .center
        case "flip": self = .flip
        default:
            guard words.count == 4, words[0] == "crop", words[2] == "seed", let number = Int(words[1]), number > 1,
                let seed = UInt64(words[3])
            else { return nil }
            self = .crop(number: number, seed: seed)
        }
    }
}

/// A part of a picture, and whether it is mirrored.
struct RandomCrop: Hashable {
    let x, y, width, height: Int
    let isMirrored: Bool

    /// Parts of the area, and width by height, that a part may have: torchvision's defaults.
    private static let (areas, ratios): (ClosedRange<Float>, ClosedRange<Float>) = (0.08...1, 3 / 4...4 / 3)

    /// Draws a part of a picture as torchvision's `RandomResizedCrop.get_params`: ten attempts, then the largest centered part of
    /// the nearest allowed proportions.
    init(ofWidth width: Int, height: Int, using generator: inout SeededGenerator) {
        isMirrored = generator.next() >> 63 == 1
        for _ in 0..<10 {
            let area = Float(width * height) * generator.uniform(Self.areas.lowerBound, Self.areas.upperBound)
            let ratio = exp(generator.uniform(log(Self.ratios.lowerBound), log(Self.ratios.upperBound)))
            let size = (Int((area * ratio).squareRoot().rounded()), Int((area / ratio).squareRoot().rounded()))
            guard (1...width).contains(size.0), (1...height).contains(size.1) else { continue }
            (self.width, self.height) = size
            y = generator.index(below: height - size.1 + 1)
            x = generator.index(below: width - size.0 + 1)
            return
        }
        let ratio = min(max(Float(width) / Float(height), Self.ratios.lowerBound), Self.ratios.upperBound)
        self.width = max(1, min(width, Int((Float(height) * ratio).rounded())))
        self.height = max(1, min(height, Int((Float(width) / ratio).rounded())))
        (x, y) = ((width - self.width) / 2, (height - self.height) / 2)
    }
}

extension ImagePreprocessor {
    /// A view of a picture, `[cropHeight, cropWidth, 3]`, before scaling to floats; `content` decides the random parts. Throws as
    /// `crop(of:)` does.
    public func crop(of picture: Picture, view: PictureView, content: Fingerprint) throws -> Picture {
        switch view {
        case .center: return try crop(of: picture)
        case .flip: return try crop(of: picture).turnedUpright(from: .mirrored)
        case .crop(let number, let seed):
            let own = content.bytes.prefix(8).reduce(0) { $0 << 8 | UInt64($1) }
            var generator = SeededGenerator(seed: seed ^ own, stream: UInt64(number))
            let part = RandomCrop(ofWidth: picture.width, height: picture.height, using: &generator)
            let resized = picture.part(part).resizedCrop(
                to: (cropWidth, cropHeight), width: cropWidth, height: cropHeight, interpolation: interpolation)
            return part.isMirrored ? resized.turnedUpright(from: .mirrored) : resized
        }
    }
}

extension Picture {
    /// The pixels of a part.
    fileprivate func part(_ part: RandomCrop) -> Picture {
        Picture(width: part.width, height: part.height) { target in
            for row in 0..<part.height {
                let start = 3 * ((part.y + row) * width + part.x)
                _ = target.extracting(row * 3 * part.width..<(row + 1) * 3 * part.width)
                    .update(fromContentsOf: pixels[start..<start + 3 * part.width])
            }
        }
    }
}
