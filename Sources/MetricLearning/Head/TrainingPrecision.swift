import Tensors

/// In which numbers a head's products are computed in training. All else, the weights that the optimizer changes among it, is
/// in single precision.
public enum TrainingPrecision: String, Sendable, Hashable, Codable, CaseIterable {
    /// Single precision.
    case f32
    /// Factors rounded to bfloat16, sums in single precision: 1.4 times as fast in batches of 128, 1.6 times in batches of 1,024 on a
    /// processor with AVX512-BF16 (`Tools/benchmarks/train-head`, Zen 5).
    case bf16

    /// Throws `InputError` where this processor cannot compute in the precision.
    public func requireSupport() throws {
        guard self == .bf16, !BFloat16Matrix.hasProducts else { return }
        throw InputError(
            "precision bf16", "needs AVX-512, which this processor does not have", remedy: "Train with --precision f32."
        )
    }
}
