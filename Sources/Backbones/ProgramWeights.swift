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
                try placement(of: accumulated, in: choice.target, for: step.name)
            } else {
                newPlacement(choice.target)
            }
        let weights = try constant(
            convolution.weight.elements, convolution.groupedWeightDimensions, as: descriptor.weights, for: step.name)
        let bias = try biasConstant(convolution.bias, count: convolution.outputChannels, for: step.name)
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
