import Foundation

/// How a margin changes the cosine of a row to its own class, and the derivative of what comes of it.
enum AngularMargin: Sendable, Hashable {
    /// `cos(t + m)` for the angle t, in radians; beyond pi - m, where that would rise again, `cos t - m sin m` (Deng et al. 2019,
    /// in the form of pytorch-metric-learning).
    case angle(Float)
    /// `cos t - m` (Wang et al. 2018).
    case cosine(Float)
    /// `cos t`.
    case none

    func applied(to cosine: Float) -> (value: Float, slope: Float) {
        switch self {
        case .none: return (cosine, 1)
        case .cosine(let margin): return (cosine - margin, 1)
        case .angle(let margin):
            let clamped = min(max(Double(cosine), -1), 1)
            let (angle, shift) = (acos(clamped), Double(margin))
            // At and beyond ±1 PyTorch's clamp lets no derivative through.
            let isInside = abs(cosine) < 1
            guard angle <= .pi - shift else { return (Float(clamped - shift * sin(shift)), isInside ? 1 : 0) }
            return (Float(cos(angle + shift)), isInside ? Float(sin(angle + shift) / sin(angle)) : 0)
        }
    }
}
