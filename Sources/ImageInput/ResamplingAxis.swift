import CImageCodecs

/// Which inputs make up each output along one axis, and with which weights: Pillow's fixed-point coefficients for 8-bit
/// pictures (`precompute_coeffs` and `normalize_coeffs_8bpc` in its Resample.c), 22 fraction bits.
struct ResamplingAxis {
    /// The first input of each output, counted from `inputs.lowerBound`.
    let starts: [Int32]
    /// How many inputs each output has.
    let counts: [Int32]
    /// `[outputs, taps]`; zero beyond an output's count.
    let weights: [Int32]
    /// The most inputs that an output can have.
    let taps: Int
    /// The inputs that any of the outputs needs.
    let inputs: Range<Int>

    /// The axis that makes the outputs `range` out of `resized`, from `length` inputs. `range` must not be empty.
    init(from length: Int, to resized: Int, outputs range: Range<Int>, interpolation: Interpolation) {
        guard interpolation != .nearest else {
            let chosen = Self.nearestInputs(from: length, to: resized, outputs: range)
            let first = chosen[0]
            taps = 1
            weights = [Int32](repeating: 1 << 22, count: chosen.count)
            inputs = first..<chosen[chosen.count - 1] + 1
            starts = chosen.map { Int32($0 - first) }
            counts = [Int32](repeating: 1, count: chosen.count)
            return
        }
        let scale = Double(length) / Double(resized)
        let filterScale = max(scale, 1)
        let support = interpolation.support * filterScale
        taps = Int(support.rounded(.up)) * 2 + 1
        var weights = [Int32](repeating: 0, count: range.count * taps)
        var windows: [Range<Int>] = []
        windows.reserveCapacity(range.count)
        for (row, output) in range.enumerated() {
            let center = (Double(output) + 0.5) * scale
            let window = max(Int(center - support + 0.5), 0)..<min(Int(center + support + 0.5), length)
            let values = window.map { interpolation.weight(at: (Double($0) - center + 0.5) * (1 / filterScale)) }
            let sum = values.reduce(0, +)
            for (tap, value) in values.enumerated() {
                weights[row * taps + tap] = Self.fixedPoint(sum == 0 ? value : value / sum)
            }
            windows.append(window)
        }
        self.weights = weights
        let first = windows[0].lowerBound  // windows move on with the outputs
        inputs = first..<windows[windows.count - 1].upperBound
        starts = windows.map { Int32($0.lowerBound - first) }
        counts = windows.map { Int32($0.count) }
    }

    /// The inputs that `PIL.Image.Resampling.NEAREST` takes. Positions are summed up one by one, as in `ImagingScaleAffine`
    /// of Pillow's Geometry.c: a product can round to the other side of a pixel's edge.
    private static func nearestInputs(from length: Int, to resized: Int, outputs: Range<Int>) -> [Int] {
        let step = Double(length) / Double(resized)
        var position = step * 0.5
        var chosen: [Int] = []
        for output in 0..<outputs.upperBound {
            if output >= outputs.lowerBound { chosen.append(min(Int(position), length - 1)) }
            position += step
        }
        return chosen
    }

    private static func fixedPoint(_ weight: Double) -> Int32 {
        Int32(weight * Double(1 << 22) + (weight < 0 ? -0.5 : 0.5))
    }

    /// Calls `body` with the axis as C takes it; the pointers must not leave it.
    func withUnsafeAxis(_ body: (ftc_resampling_axis) -> Void) {
        starts.withUnsafeBufferPointer { starts in
            counts.withUnsafeBufferPointer { counts in
                weights.withUnsafeBufferPointer { weights in
                    body(
                        ftc_resampling_axis(
                            starts: starts.baseAddress, counts: counts.baseAddress, weights: weights.baseAddress,
                            taps: taps, outputs: starts.count))
                }
            }
        }
    }
}
