import COneDNN
import ModelGraph
import Tensors

// In which numbers each step takes and gives its values.
extension ProgramBuilder {
    /// What `step` takes its inputs as.
    func sourceType(of step: ExecutionPlan.Step) -> dnnl_data_type_t {
        switch numbers {
        case .f32: dnnl_f32
        case .bf16: step.kernel.toleratesBFloat16 ? dnnl_bf16 : dnnl_f32
        case .int8(let quantizations): byteType(of: step, quantizations[step.inputs[0]].type)
        }
    }

    private func byteType(of step: ExecutionPlan.Step, _ type: dnnl_data_type_t) -> dnnl_data_type_t {
        switch step.kernel {
        case .convolution: type
        // In whatever its input was computed.
        case .maxPool: placement(of: step.inputs[0]).layout.type
        default: dnnl_f32
        }
    }

    /// What a convolution's result is kept as: single precision where only steps that want it so read it.
    func targetType(of step: ExecutionPlan.Step) -> dnnl_data_type_t {
        // oneDNN has no convolution from single precision to less.
        guard sourceType(of: step) != dnnl_f32, isWantedInLowPrecision(step.output) else { return dnnl_f32 }
        return switch numbers {
        case .f32: dnnl_f32
        case .bf16: dnnl_bf16
        case .int8(let quantizations): quantizations[step.output].type
        }
    }

    private func isWantedInLowPrecision(_ value: Int) -> Bool {
        plan.steps.contains { step in
            (step.inputs.contains(value) && wantsLowPrecision(step))
                || (step.accumulated == value && isWantedInLowPrecision(step.output))
        }
    }

    private func wantsLowPrecision(_ step: ExecutionPlan.Step) -> Bool {
        switch (numbers, step.kernel) {
        case (.f32, _): false
        case (.bf16, let kernel): kernel.toleratesBFloat16
        case (.int8, .convolution): true
        case (.int8, .maxPool): isWantedInLowPrecision(step.output)
        case (.int8, _): false
        }
    }

    /// In what a step that only moves values about takes them: as they are, but for bytes, which mean something else under
    /// another layer's name.
    func carriedType(of step: ExecutionPlan.Step) -> dnnl_data_type_t {
        if case .int8 = numbers { dnnl_f32 } else { placement(of: step.inputs[0]).layout.type }
    }

    /// What a step of one of `value` stands for when it is kept as `type`.
    func scale(of value: Int, as type: dnnl_data_type_t) -> Float {
        guard type.isByte, case .int8(let quantizations) = numbers else { return 1 }
        return quantizations[value].scale
    }

    /// What turns `value` kept as one type into the same kept as another.
    func reorderFactor(of value: Int, from: dnnl_data_type_t, to: dnnl_data_type_t) -> Float {
        from == to ? 1 : scale(of: value, as: from) / scale(of: value, as: to)
    }
}

extension dnnl_data_type_t {
    /// Whether it is a byte.
    var isByte: Bool { self == dnnl_u8 || self == dnnl_s8 }
}

extension Quantization {
    /// oneDNN's type of such bytes.
    var type: dnnl_data_type_t { isSigned ? dnnl_s8 : dnnl_u8 }
}

extension ExecutionPlan.Kernel {
    /// Whether the step may read bfloat16.
    ///
    /// Depthwise convolutions add up so few products that their roundings do not cancel out: with them in bfloat16,
    /// features of EfficientNet-Lite0 have cosines down to 0.992 with those in single precision, without them above 0.9992;
    /// and they are few operations. Softmax and the final pooling run once on what is next to the result.
    fileprivate var toleratesBFloat16: Bool {
        switch self {
        case .convolution(let convolution): !convolution.isDepthwise
        case .linear, .batchNormalization, .activation, .maxPool, .averagePool, .arithmetic,
            .concatenate, .slice, .channelShuffle, .reshape:
            true
        case .globalPool, .softmax: false
        }
    }
}

extension Convolution {
    /// Whether each output sees one channel only.
    var isDepthwise: Bool { groups > 1 && weight.shape[1] == 1 }
}
