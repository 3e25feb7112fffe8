/// How often which magnitudes occur: one bin for each number that bfloat16 can hold, so that nothing need be known of the
/// range before.
struct MagnitudeHistogram: Sendable, Equatable {
    private var counts = [Int](repeating: 0, count: 1 << 15)
    /// Whether a value below zero occurred.
    private(set) var hasNegatives = false

    /// Counts all values; those that are not finite count as nothing.
    mutating func add(_ values: UnsafeBufferPointer<Float>) {
        var negatives = false
        counts.withUnsafeMutableBufferPointer { counts in
            for value in values where value.isFinite {
                negatives = negatives || value < 0
                counts[Int(value.magnitude.bitPattern >> 16)] += 1
            }
        }
        hasNegatives = hasNegatives || negatives
    }

    /// The quantization that loses least in the square mean, among those that cut off at 1%, 2%, ... 100% of the largest
    /// magnitude: rounding costs a twelfth of the squared step a value, cutting off the squared rest.
    func quantization() -> Quantization {
        let bins = counts.indices.filter { counts[$0] > 0 }.map { (magnitude: Self.middle(of: $0), count: counts[$0]) }
        let levels: Float = hasNegatives ? 127 : 255
        guard let largest = bins.last?.magnitude, largest / levels >= .leastNormalMagnitude else {
            return Quantization(scale: 1, isSigned: hasNegatives)
        }
        let limits = (1...100).map { largest * Float($0) / 100 }
        let best = limits.min { Self.loss(bins, $0, levels) < Self.loss(bins, $1, levels) } ?? largest
        return Quantization(scale: best / levels, isSigned: hasNegatives)
    }

    private static func loss(_ bins: [(magnitude: Float, count: Int)], _ limit: Float, _ levels: Float) -> Double {
        let step = limit / levels
        return bins.reduce(0) { sum, bin in
            let error =
                if bin.magnitude > limit {
                    (bin.magnitude - limit) * (bin.magnitude - limit)
                } else {
                    min(step * step / 12, bin.magnitude * bin.magnitude)
                }
            return sum + Double(error) * Double(bin.count)
        }
    }

    private static func middle(of bin: Int) -> Float {
        bin == 0 ? 0 : Float(bitPattern: UInt32(bin) << 16 | 1 << 15)
    }
}
