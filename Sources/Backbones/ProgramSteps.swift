import COneDNN
import ModelGraph
import Tensors

extension ProgramBuilder {
    /// Appends the commands of one step.
    mutating func append(_ step: ExecutionPlan.Step, at index: Int) throws {
        switch step.kernel {
        case .convolution(let convolution): try append(convolution, step)
        case .linear(let linear): try append(linear, step)
        case .batchNormalization(let normalization): try append(normalization, step)
        case .activation(let activation): try append(activation, step, at: index)
        case .arithmetic(let arithmetic): try append(arithmetic, step)
        case .maxPool(let window): try appendPooling(dnnl_pooling_max, window, step)
        case .averagePool(let window, let countsPadding):
            try appendPooling(
                countsPadding ? dnnl_pooling_avg_include_padding : dnnl_pooling_avg_exclude_padding, window, step)
        case .globalPool(let pool): try append(pool, step)
        case .concatenate: try appendConcatenation(step)
        case .slice(let slice): try append(slice, step)
        case .channelShuffle(let groups): try appendShuffle(groups, step)
        case .reshape(let order): try appendReshape(order, step)
        case .softmax: try appendSoftmax(step)
        }
    }

    /// `x * scale + shift` as one pass over the map.
    private mutating func append(_ normalization: BatchNormalization, _ step: ExecutionPlan.Step) throws {
        let source = try placement(of: step.inputs[0], as: sourceType(of: step), for: step.name)
        let target = newPlacement(source.layout)
        let perChannel = [1, normalization.channels, 1, 1]
        let (scale, shift) = normalization.scaleAndShift
        let scales = try constant(scale.map { Float($0) }, perChannel, for: step.name)
        let shifts = try constant(shift.map { Float($0) }, perChannel, for: step.name)
        let attributes = try Attributes()
        try attributes.appendAddition(of: shifts.layout)
        if let activation = step.activation { try attributes.append(activation) }
        let descriptor = try PrimitiveDescriptor(
            Descriptors.binary(dnnl_binary_mul, source.layout, scales.layout), attributes, engine: engine,
            for: step.name)
        try append(
            descriptor,
            [
                (.source, .placement(source)), (.secondSource, .constant(scales)),
                (.firstPostOperation, .constant(shifts)), (.destination, .placement(target)),
            ], for: step.name)
        define(step.output, at: target)
    }

    private mutating func append(_ activation: Activation, _ step: ExecutionPlan.Step, at index: Int) throws {
        var source = try placement(of: step.inputs[0], as: sourceType(of: step), for: step.name)
        let target = plan.isDead(step.inputs[0], after: index) ? source : newPlacement(source.layout)
        for function in activation.functions {
            let descriptor = try PrimitiveDescriptor(
                Descriptors.elementwise(function, on: source.layout), Attributes(), engine: engine, for: step.name)
            try append(
                descriptor, [(.source, .placement(source)), (.destination, .placement(target))], for: step.name)
            source = target
        }
        define(step.output, at: target)
    }

    private mutating func append(_ arithmetic: Arithmetic, _ step: ExecutionPlan.Step) throws {
        // oneDNN spreads the second operand only.
        let isSwapped = plan.shapes[step.inputs[0]] != plan.shapes[step.output]
        let (large, small) = isSwapped ? (step.inputs[1], step.inputs[0]) : (step.inputs[0], step.inputs[1])
        let first = try placement(of: large, as: sourceType(of: step), for: step.name)
        let isSpread = plan.shapes[small] != plan.shapes[large]
        let layout = isSpread ? try Layout.plain(dimensions(of: small), first.layout.type) : first.layout
        let second = try placement(of: small, in: layout, for: step.name)
        // Never in place: oneDNN 2.6.3 adds twice into the last channels of a blocked layout where these do not fill a block
        // and an activation follows.
        let target = newPlacement(first.layout)
        let attributes = try Attributes()
        if let activation = step.activation { try attributes.append(activation) }
        let descriptor = try PrimitiveDescriptor(
            Descriptors.binary(arithmetic.algorithm, first.layout, second.layout), attributes, engine: engine,
            for: step.name)
        try append(
            descriptor,
            [
                (.source, .placement(first)), (.secondSource, .placement(second)),
                (.destination, .placement(target)),
            ], for: step.name)
        define(step.output, at: target)
    }

    private mutating func append(_ pool: GlobalPool, _ step: ExecutionPlan.Step) throws {
        let shape = plan.shapes[step.inputs[0]]
        let window = Window(height: shape.height, width: shape.width)
        switch pool {
        case .average: try appendPooling(dnnl_pooling_avg_exclude_padding, window, step)
        case .max: try appendPooling(dnnl_pooling_max, window, step)
        case .generalizedMean(let exponent, let epsilon):
            let source = try placement(
                of: step.inputs[0], in: .plain(dimensions(of: step.inputs[0])), for: step.name)
            let target = newPlacement(try .plain(dimensions(of: step.output)))
            append(
                GeneralizedMean(exponent: exponent, epsilon: epsilon), runs: batchSize * shape.channels,
                length: shape.height * shape.width, from: source, to: target, for: step.name)
            define(step.output, at: target)
        }
    }

    private mutating func appendPooling(
        _ algorithm: dnnl_alg_kind_t, _ window: Window, _ step: ExecutionPlan.Step
    ) throws {
        let source = try placement(of: step.inputs[0], as: sourceType(of: step), for: step.name)
        let descriptor = try PrimitiveDescriptor(
            Descriptors.pooling(
                algorithm, window, batch: batchSize, from: source.layout, of: plan.shapes[step.inputs[0]],
                to: plan.shapes[step.output]),
            Attributes(), engine: engine, for: step.name)
        let target = newPlacement(descriptor.destination)
        try append(
            descriptor, [(.source, .placement(source)), (.destination, .placement(target))], for: step.name)
        define(step.output, at: target)
    }
}

extension Arithmetic {
    fileprivate var algorithm: dnnl_alg_kind_t {
        switch self {
        case .add: dnnl_binary_add
        case .subtract: dnnl_binary_sub
        case .multiply: dnnl_binary_mul
        case .divide: dnnl_binary_div
        }
    }
}
