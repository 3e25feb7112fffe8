import Tensors

/// In which numbers a head's products are computed in training. All else, the weights that the optimizer changes among it, is
/// in single precision.
public enum TrainingPrecision: String, Sendable, Hashable, Codable, CaseIterable {
    /// Single precision.
    case f32
    /// Factors rounded to bfloat16, sums in single precision: twice as fast on processors with AVX512-BF16.
    case bf16

    /// Throws `InputError` where this processor cannot compute in the precision.
    public func requireSupport() throws {
        guard self == .bf16, !BFloat16Matrix.hasProducts else { return }
        throw InputError(
            "precision bf16", "needs AVX-512, which this processor does not have", remedy: "Train with --precision f32."
        )
    }
}
