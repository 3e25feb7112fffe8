import COneDNN
import ModelGraph
import Tensors

// The steps that put values elsewhere, and softmax, which no other step takes along.
extension ProgramBuilder {
    mutating func appendConcatenation(_ step: ExecutionPlan.Step) throws {
        // Plain, so that channel numbers need not fill blocks.
        let sources = try step.inputs.map {
            try placement(of: $0, in: .plain(dimensions(of: $0), sourceType(of: step)), for: step.name)
        }
        let descriptor = try PrimitiveDescriptor(
            concatenating: sources.map(\.layout), try Attributes(), engine: engine, for: step.name)
        let target = newPlacement(descriptor.destination)
        let operands = sources.enumerated().map { (Argument.source(at: $0), Operand.placement($1)) }
        try append(descriptor, operands + [(.destination, .placement(target))], for: step.name)
        define(step.output, at: target)
    }

    /// A copy of what is `step` values apart in a plain array.
    mutating func append(_ slice: Slice, _ step: ExecutionPlan.Step) throws {
        let shape = plan.shapes[step.inputs[0]]
        let type = carriedType(of: step)
        let source = try placement(
            of: step.inputs[0], in: .plain(dimensions(of: step.inputs[0]), type), for: step.name)
        let strides = [shape.elementCount, shape.height * shape.width, shape.width, 1]
        let extents = [nil, slice.channels, slice.rows, slice.columns]
        let first = zip(extents, strides).reduce(0) { $0 + ($1.0?.start ?? 0) * $1.1 }
        let steps = zip(extents, strides).map { ($0?.step ?? 1) * $1 }
        let part = Placement(
            buffer: source.buffer, offset: source.offset + first * dnnl_data_type_size(type),
            layout: try .strided(dimensions(of: step.output), steps, type))
        let target = newPlacement(try .plain(dimensions(of: step.output), type))
        try appendReorder(from: part, to: target, for: step.name)
        define(step.output, at: target)
    }

    mutating func appendShuffle(_ groups: Int, _ step: ExecutionPlan.Step) throws {
        let source = try placement(of: step.inputs[0], as: carriedType(of: step), for: step.name)
        let descriptor = try PrimitiveDescriptor(
            Descriptors.channelShuffle(
                groups: groups, on: source.layout, channels: plan.shapes[step.output].channels),
            Attributes(), engine: engine, for: step.name)
        let target = newPlacement(source.layout)
        try append(descriptor, [(.source, .placement(source)), (.destination, .placement(target))], for: step.name)
        define(step.output, at: target)
    }

    mutating func appendReshape(_ order: FlattenOrder, _ step: ExecutionPlan.Step) throws {
        let from = dimensions(of: step.inputs[0])
        let type = carriedType(of: step)
        let source = try placement(of: step.inputs[0], as: type, for: step.name)
        let arranged = newPlacement(try order == .channelsFirst ? .plain(from, type) : .channelsLast(from, type))
        try appendReorder(from: source, to: arranged, for: step.name)
        let layout = try Layout.plain(dimensions(of: step.output), type)
        define(step.output, at: Placement(buffer: arranged.buffer, layout: layout))
    }

    mutating func appendSoftmax(_ step: ExecutionPlan.Step) throws {
        let source = try placement(of: step.inputs[0], as: sourceType(of: step), for: step.name)
        let descriptor = try PrimitiveDescriptor(
            Descriptors.softmax(on: source.layout), Attributes(), engine: engine, for: step.name)
        let target = newPlacement(source.layout)
        try append(descriptor, [(.source, .placement(source)), (.destination, .placement(target))], for: step.name)
        define(step.output, at: target)
    }
}
