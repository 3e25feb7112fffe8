import COneDNN
import ModelGraph

// In which numbers each step takes and gives its values.
extension ProgramBuilder {
    /// What `step` takes its inputs as.
    func sourceType(of step: ExecutionPlan.Step) -> dnnl_data_type_t {
        precision == .bf16 && step.kernel.toleratesLowPrecision ? dnnl_bf16 : dnnl_f32
    }

    /// What a convolution's result is kept as: single precision where only steps that want it so read it.
    func targetType(of step: ExecutionPlan.Step) -> dnnl_data_type_t {
        isWantedInLowPrecision(step.output) ? dnnl_bf16 : dnnl_f32
    }

    private func isWantedInLowPrecision(_ value: Int) -> Bool {
        precision == .bf16
            && plan.steps.contains { step in
                (step.inputs.contains(value) && step.kernel.toleratesLowPrecision)
                    || (step.accumulated == value && isWantedInLowPrecision(step.output))
            }
    }
}

extension ExecutionPlan.Kernel {
    /// Whether the step may read numbers of low precision. Softmax and the final pooling add up many values and run once:
    /// they are computed in single precision.
    fileprivate var toleratesLowPrecision: Bool {
        switch self {
        case .convolution, .linear, .batchNormalization, .activation, .maxPool, .averagePool, .arithmetic,
            .concatenate, .slice, .channelShuffle, .reshape:
            true
        case .globalPool, .softmax: false
        }
    }
}
