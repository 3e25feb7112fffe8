import Foundation

/// The filter that resizing interpolates with, as in Pillow's Resample.c. All but `nearest` are widened by the factor of
/// reduction (antialiasing).
public enum Interpolation: String, Sendable, Codable, CaseIterable {
    /// The pixel whose area holds the center: `PIL.Image.Resampling.NEAREST`.
    case nearest
    /// A triangle over one pixel to each side: `PIL.Image.Resampling.BILINEAR`.
    case bilinear
    /// Keys' cubic convolution with a = -0.5 over two pixels to each side: `PIL.Image.Resampling.BICUBIC`.
    case bicubic
    /// A sinc windowed by a wider sinc, over three pixels to each side: `PIL.Image.Resampling.LANCZOS`.
    case lanczos
    /// The mean of what a pixel covers: `PIL.Image.Resampling.BOX`.
    case box
    /// A sinc windowed by a raised cosine, over one pixel to each side: `PIL.Image.Resampling.HAMMING`.
    case hamming

    /// The distance from its center at which the filter ends, in pixels.
    var support: Double {
        switch self {
        case .nearest, .box: 0.5
        case .bilinear, .hamming: 1
        case .bicubic: 2
        case .lanczos: 3
        }
    }

    /// The filter's value at `distance` pixels from its center.
    func weight(at distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .nearest, .box:
            // Pillow counts a pixel whose center lies on an edge of the box to one side only.
            return distance > -0.5 && distance <= 0.5 ? 1 : 0
        case .bilinear:
            return x < 1 ? 1 - x : 0
        case .hamming:
            if x == 0 { return 1 }  // the two floats below do not add up to it
            return x < 1 ? Self.sinc(x) * (Self.hammingBase + Self.hammingSwing * cos(x * .pi)) : 0
        case .bicubic:
            // Keys, "Cubic convolution interpolation for digital image processing" (1981), equation 15.
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        case .lanczos:
            return distance >= -3 && distance < 3 ? Self.sinc(x) * Self.sinc(x / 3) : 0
        }
    }

    /// Pillow writes 0.54f and 0.46f, which are not the doubles of these numbers.
    private static let (hammingBase, hammingSwing) = (Double(0.54 as Float), Double(0.46 as Float))

    private static func sinc(_ x: Double) -> Double {
        x == 0 ? 1 : sin(x * .pi) / (x * .pi)
    }
}
