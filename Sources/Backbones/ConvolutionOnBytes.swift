import COneDNN
import ModelGraph
import Tensors

// Convolutions on bytes: whole numbers are added up, and one factor a channel turns the sums into what they stand for.
extension ProgramBuilder {
    /// The convolution in the layouts that oneDNN chooses.
    func onBytes(_ convolution: Convolution, _ step: ExecutionPlan.Step) throws -> ConvolutionChoice {
        let (from, to) = (dimensions(of: step.inputs[0]), dimensions(of: step.output))
        let weights = QuantizedWeights(convolution.weight)
        let operation = try Descriptors.convolution(
            convolution, dnnl_convolution_direct, from: .chosen(from, sourceType(of: step)),
            to: .chosen(to, targetType(of: step)), of: plan.shapes[step.inputs[0]])
        let descriptor = try PrimitiveDescriptor(
            operation, byteAttributes(step, weights), engine: engine, for: step.name)
        return ConvolutionChoice(
            descriptor: descriptor, source: descriptor.source, target: descriptor.destination,
            isPictureByPicture: false)
    }

    /// What a step of one in the whole sums of each channel stands for.
    func sumScales(_ step: ExecutionPlan.Step, _ weights: QuantizedWeights) -> [Float] {
        let source = scale(of: step.inputs[0], as: sourceType(of: step))
        return weights.scales.map { $0 * source }
    }

    /// The type that a value has that a convolution on bytes adds its result to.
    func accumulatedType(of step: ExecutionPlan.Step) -> dnnl_data_type_t {
        guard let accumulated = step.accumulated, targetType(of: step).isByte,
            case .int8(let quantizations) = numbers
        else { return dnnl_f32 }
        return quantizations[accumulated].type
    }

    /// The factors, the residual sum and the activation. Where the activation allows it they are computed in steps of the
    /// target's bytes, which spares a multiplication a value.
    private func byteAttributes(_ step: ExecutionPlan.Step, _ weights: QuantizedWeights) throws -> Attributes {
        let target = scale(of: step.output, as: targetType(of: step))
        let scaled = step.activation?.scaled(by: 1 / target)
        let unit = step.activation != nil && scaled == nil ? 1 : target
        let attributes = try Attributes()
        try attributes.setOutputScales(sumScales(step, weights).map { $0 / unit })
        if let accumulated = step.accumulated {
            let type = accumulatedType(of: step)
            try attributes.appendSum(scale: scale(of: accumulated, as: type) / unit, type)
        }
        if let scaled {
            try attributes.append(scaled)
        } else if let activation = step.activation {
            try attributes.append(activation, times: 1 / target)
        }
        return attributes
    }
}

extension Activation {
    /// What does to `factor * x` what this does to x, times `factor`; nil where no such activation is known.
    fileprivate func scaled(by factor: Float) -> Activation? {
        switch self {
        case .relu, .leakyRelu: self
        case .relu6: .clip(low: 0, high: 6 * factor)
        case .clip(let low, let high): .clip(low: low * factor, high: high * factor)
        case .sigmoid, .hardSigmoid, .hardSwish, .silu, .tanh, .elu, .gelu: factor == 1 ? self : nil
        }
    }
}
