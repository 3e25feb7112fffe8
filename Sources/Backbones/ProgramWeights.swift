import COneDNN
import ModelGraph
import Tensors

// The steps that have weights: convolutions and dense layers.
extension ProgramBuilder {
    mutating func append(_ convolution: Convolution, _ step: ExecutionPlan.Step) throws {
        let choice = try choice(for: convolution, step)
        let descriptor = choice.descriptor
        let source = try placement(of: step.inputs[0], in: choice.source, for: step.name)
        let target =
            if let accumulated = step.accumulated {
                try accumulation(of: accumulated, in: choice.target, step)
            } else {
                newPlacement(choice.target)
            }
        let (weights, bias) = try constants(of: convolution, descriptor, step)
        let primitive = try Primitive(descriptor, for: step.name)
        for picture in 0..<(choice.isPictureByPicture ? batchSize : 1) {
            append(
                primitive, descriptor,
                [
                    (.source, .placement(source.part(picture, descriptor.source))), (.weights, .constant(weights)),
                    (.bias, .constant(bias)), (.destination, .placement(target.part(picture, descriptor.destination))),
                ], for: step.name)
        }
        define(step.output, at: target)
    }

    /// Where `value` lies, to be overwritten with a sum in `layout`.
    private mutating func accumulation(
        of value: Int, in layout: Layout, _ step: ExecutionPlan.Step
    ) throws -> Placement {
        // A signed byte may be overwritten with one that is not.
        let type = layout.type.isByte ? accumulatedType(of: step) : layout.type
        let place = try placement(of: value, in: layout.with(type), for: step.name)
        return Placement(buffer: place.buffer, offset: place.offset, layout: layout)
    }

    private mutating func constants(
        of convolution: Convolution, _ descriptor: PrimitiveDescriptor, _ step: ExecutionPlan.Step
    ) throws -> (weights: MemoryView, bias: MemoryView) {
        let dimensions = convolution.groupedWeightDimensions
        var bias = convolution.bias?.elements ?? [Float](repeating: 0, count: convolution.outputChannels)
        guard descriptor.weights.type == dnnl_s8 else {
            return (
                try constant(convolution.weight.elements, dimensions, as: descriptor.weights, for: step.name),
                try constant(bias, [bias.count], for: step.name)
            )
        }
        let weights = QuantizedWeights(convolution.weight)
        // oneDNN 2 adds the bias to the whole sums, before the factors.
        bias = zip(bias, sumScales(step, weights)).map { $0 / $1 }
        return (
            try constant(weights.values, dimensions, as: descriptor.weights, for: step.name),
            try constant(bias, [bias.count], for: step.name)
        )
    }

    mutating func append(_ linear: Linear, _ step: ExecutionPlan.Step) throws {
        let attributes = try Attributes()
        if let activation = step.activation { try attributes.append(activation) }
        let descriptor = try PrimitiveDescriptor(
            Descriptors.linear(linear, batch: batchSize, from: plan.shapes[step.inputs[0]], sourceType(of: step)),
            attributes,
            engine: engine, for: step.name)
        let source = try placement(of: step.inputs[0], in: descriptor.source, for: step.name)
        let weights = try constant(
            linear.weight.elements, [linear.outputs, linear.inputs, 1, 1], as: descriptor.weights, for: step.name)
        let bias = try biasConstant(linear.bias, count: linear.outputs, for: step.name)
        let target = newPlacement(descriptor.destination)
        try append(
            descriptor,
            [
                (.source, .placement(source)), (.weights, .constant(weights)), (.bias, .constant(bias)),
                (.destination, .placement(target)),
            ], for: step.name)
        // The same bytes as a map of 1 x 1.
        define(step.output, at: Placement(buffer: target.buffer, layout: try .plain(dimensions(of: step.output))))
    }

    private mutating func biasConstant(_ bias: DenseTensor?, count: Int, for layer: String) throws -> MemoryView {
        try constant(bias?.elements ?? [Float](repeating: 0, count: count), [count], for: layer)
    }
}
