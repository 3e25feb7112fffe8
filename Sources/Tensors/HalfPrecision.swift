import CKernels

/// Conversion between `Float` and IEEE binary16 patterns, vectorized where the processor can.
public enum HalfPrecision {
    /// Writes the exact values of `halves` to `target`, of the same count.
    public static func widen(_ halves: UnsafeBufferPointer<UInt16>, into target: UnsafeMutableBufferPointer<Float>) {
        precondition(halves.count == target.count, "\(halves.count) halves into \(target.count) floats")
        guard let source = halves.baseAddress, let target = target.baseAddress else { return }
        ftc_f16_to_f32(source, target, halves.count)
    }

    /// Rounds `floats` to the nearest binary16, ties to even. Returns how many results are not finite, because the value
    /// was NaN or infinite or its magnitude was 65,520 or more.
    public static func narrow(
        _ floats: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<UInt16>
    ) -> Int {
        precondition(floats.count == target.count, "\(floats.count) floats into \(target.count) halves")
        guard let source = floats.baseAddress, let target = target.baseAddress else { return 0 }
        return ftc_f32_to_f16(source, target, floats.count)
    }
}
