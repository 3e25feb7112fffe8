/// The filter that resizing interpolates with, widened by the factor of reduction (antialiasing).
public enum Interpolation: String, Sendable, Codable, CaseIterable {
    /// A triangle over one pixel to each side: `PIL.Image.Resampling.BILINEAR`.
    case bilinear
    /// Keys' cubic convolution with a = -0.5 over two pixels to each side: `PIL.Image.Resampling.BICUBIC`.
    case bicubic

    /// The distance from its center at which the filter ends, in pixels.
    var support: Double { self == .bilinear ? 1 : 2 }

    /// The filter's value at `distance` pixels from its center.
    func weight(at distance: Double) -> Double {
        let x = abs(distance)
        switch self {
        case .bilinear:
            return x < 1 ? 1 - x : 0
        case .bicubic:
            // Keys, "Cubic convolution interpolation for digital image processing" (1981), equation 15.
            let a = -0.5
            if x < 1 { return ((a + 2) * x - (a + 3)) * x * x + 1 }
            return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0
        }
    }
}
