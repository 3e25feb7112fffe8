import COneDNN
import Tensors

/// In which numbers a network computes.
public enum Precision: String, Sendable, Hashable, CaseIterable {
    /// Single precision throughout.
    case f32
    /// Weights and maps in bfloat16, sums in single precision; the picture, biases, the final pooling and the result are in
    /// single precision.
    case bf16
    /// Convolutions on bytes, added up as whole numbers; a `Calibration` says what the bytes stand for. All else is in single
    /// precision.
    case int8

    /// How well this processor does a precision.
    public enum Support: Sendable, Hashable {
        /// It has the instructions.
        case native
        /// It computes the same with other instructions, slower; the text says without which.
        case emulated(without: String)
        /// It lacks the instructions that the text names.
        case missing(String)
    }

    /// How well the processor, as oneDNN sees it, does this precision. `ONEDNN_MAX_CPU_ISA` in the environment counts.
    public var support: Support {
        let processor = dnnl_get_effective_cpu_isa()
        switch self {
        case .f32: return .native
        case .bf16:
            if processor.has(dnnl_cpu_isa_avx512_core_bf16) { return .native }
            return processor.has(dnnl_cpu_isa_avx512_core) ? .emulated(without: "AVX512_BF16") : .missing("AVX-512")
        // Without VNNI oneDNN adds pairs of products in 16 bits, which overflow: other numbers, not only slower ones.
        case .int8: return processor.has(dnnl_cpu_isa_avx512_core_vnni) ? .native : .missing("AVX512_VNNI")
        }
    }

    /// Throws an `InputError` naming the instructions where this processor cannot do the precision.
    public func requireSupport() throws {
        guard case .missing(let instructions) = support else { return }
        throw InputError(
            "precision \(rawValue)", "needs \(instructions), which this processor does not have",
            remedy: "Build with --precision f32, or add --precision-fallback.")
    }
}

extension dnnl_cpu_isa_t {
    /// Whether these instructions include `others`; each set is a set of bits.
    fileprivate func has(_ others: dnnl_cpu_isa_t) -> Bool { rawValue & others.rawValue == others.rawValue }
}
