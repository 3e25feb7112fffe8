import COneDNN
import ModelGraph
import Tensors

// The steps that have weights: convolutions and dense layers.
extension ProgramBuilder {
    mutating func append(_ convolution: Convolution, _ step: ExecutionPlan.Step) throws {
        let attributes = try Attributes()
        if step.accumulated != nil { try attributes.appendSum() }
        if let activation = step.activation { try attributes.append(activation) }
        if let winograd = try winogradDescriptor(of: convolution, attributes, step) {
            return try append(winograd, of: convolution, step, pictureByPicture: true)
        }
        let direct = try directDescriptor(of: convolution, attributes, step)
        try append(direct, of: convolution, step, pictureByPicture: false)
    }

    private mutating func append(
        _ descriptor: PrimitiveDescriptor, of convolution: Convolution, _ step: ExecutionPlan.Step,
        pictureByPicture: Bool
    ) throws {
        let (from, to) = (dimensions(of: step.inputs[0]), dimensions(of: step.output))
        let layouts =
            try pictureByPicture
            ? (source: Layout.blocked(from), target: Layout.blocked(to))
            : (source: descriptor.source, target: descriptor.destination)
        let source = try placement(of: step.inputs[0], in: layouts.source, for: step.name)
        let target =
            if let accumulated = step.accumulated {
                try placement(of: accumulated, in: layouts.target, for: step.name)
            } else {
                newPlacement(layouts.target)
            }
        let weights = try constant(
            convolution.weight.elements, convolution.groupedWeightDimensions, as: descriptor.weights, for: step.name)
        let bias = try biasConstant(convolution.bias, count: convolution.outputChannels, for: step.name)
        let places =
            pictureByPicture
            ? (0..<batchSize).map {
                (source.picture($0, descriptor.source), target.picture($0, descriptor.destination))
            } : [(source, target)]
        let primitive = try Primitive(descriptor, for: step.name)
        for (source, target) in places {
            append(
                primitive, descriptor,
                [
                    (.source, .placement(source)), (.weights, .constant(weights)), (.bias, .constant(bias)),
                    (.destination, .placement(target)),
                ], for: step.name)
        }
        define(step.output, at: target)
    }

    /// Winograd's algorithm on tiles of 4 x 4 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016)
    /// where oneDNN has it and a picture has enough tiles to pay for the transformed weights: twice as fast as the direct
    /// convolution, at a relative difference around 1e-6.
    ///
    /// It runs on one picture at a time. How oneDNN splits its sums depends on the batch size; this way no picture's bits
    /// do, and the tiles stay in the cache.
    private func winogradDescriptor(
        of convolution: Convolution, _ attributes: Attributes, _ step: ExecutionPlan.Step
    ) throws -> PrimitiveDescriptor? {
        let (shape, target) = (plan.shapes[step.inputs[0]], plan.shapes[step.output])
        let tiles = ((target.height + 3) / 4) * ((target.width + 3) / 4)
        guard tiles >= 16, convolution.weight.shape[2...] == [3, 3], convolution.groups == 1 else { return nil }
        let operation = try? Descriptors.convolution(
            convolution, dnnl_convolution_winograd, from: .blocked(shape.dimensions(batch: 1)),
            to: .blocked(target.dimensions(batch: 1)), of: shape)
        return operation.flatMap {
            PrimitiveDescriptor.implementation("jit_wino_4x3", of: $0, attributes, engine: engine)
        }
    }

    /// The direct convolution: in blocks of 16 channels where oneDNN has compiled code for that, which measured faster
    /// than the rows of channels that it likes best on AVX-512, else in the layouts that it chooses.
    private func directDescriptor(
        of convolution: Convolution, _ attributes: Attributes, _ step: ExecutionPlan.Step
    ) throws -> PrimitiveDescriptor {
        let shape = plan.shapes[step.inputs[0]]
        let (from, to) = (dimensions(of: step.inputs[0]), dimensions(of: step.output))
        let isFirst = step.inputs[0] == ExecutionPlan.picture
        let blocked = try Descriptors.convolution(
            convolution, dnnl_convolution_direct, from: isFirst ? .plain(from) : .blocked(from), to: .blocked(to),
            of: shape)
        let found = PrimitiveDescriptor.implementation("jit", of: blocked, attributes, engine: engine)
        if let found { return found }
        let free = try Descriptors.convolution(
            convolution, dnnl_convolution_direct, from: .chosen(from), to: .chosen(to), of: shape)
        return try PrimitiveDescriptor(free, attributes, engine: engine, for: step.name)
    }

    mutating func append(_ linear: Linear, _ step: ExecutionPlan.Step) throws {
        let attributes = try Attributes()
        if let activation = step.activation { try attributes.append(activation) }
        let descriptor = try PrimitiveDescriptor(
            Descriptors.linear(linear, batch: batchSize, from: plan.shapes[step.inputs[0]]), attributes,
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
