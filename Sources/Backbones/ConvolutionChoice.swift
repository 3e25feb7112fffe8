import COneDNN
import ModelGraph
import Tensors

/// How a convolution runs.
struct ConvolutionChoice {
    /// The implementation, for a whole batch or for one picture.
    let descriptor: PrimitiveDescriptor
    /// Where the batch's maps have to lie before, and where they lie afterwards.
    let source, target: Layout
    /// Whether it runs once for each picture.
    let isPictureByPicture: Bool
}

extension ProgramBuilder {
    /// Winograd's algorithm where it pays, else the direct convolution.
    func choice(for convolution: Convolution, _ step: ExecutionPlan.Step) throws -> ConvolutionChoice {
        if sourceType(of: step).isByte { return try onBytes(convolution, step) }
        let attributes = try Attributes()
        if step.accumulated != nil { try attributes.appendSum() }
        if let activation = step.activation { try attributes.append(activation) }
        return try winograd(convolution, attributes, step) ?? direct(convolution, attributes, step)
    }

    /// Winograd's algorithm on tiles of 4 x 4 (Lavin and Gray, "Fast Algorithms for Convolutional Neural Networks", 2016)
    /// where oneDNN has it and a picture has enough tiles to pay for the transformed weights: twice as fast as the direct
    /// convolution, at a relative difference around 1e-6.
    ///
    /// It runs on one picture at a time. How oneDNN splits its sums depends on the batch size; this way no picture's bits
    /// do, and the tiles stay in the cache.
    private func winograd(
        _ convolution: Convolution, _ attributes: Attributes, _ step: ExecutionPlan.Step
    ) throws -> ConvolutionChoice? {
        let (from, to) = (plan.shapes[step.inputs[0]], plan.shapes[step.output])
        let tiles = ((to.height + 3) / 4) * ((to.width + 3) / 4)
        guard sourceType(of: step) == dnnl_f32, tiles >= 16, convolution.weight.shape[2...] == [3, 3],
            convolution.groups == 1
        else { return nil }
        let operation = try? Descriptors.convolution(
            convolution, dnnl_convolution_winograd, from: .blocked(from.dimensions(batch: 1)),
            to: .blocked(to.dimensions(batch: 1)), of: from)
        let descriptor = operation.flatMap {
            PrimitiveDescriptor.implementation("jit_wino_4x3", of: $0, attributes, engine: engine)
        }
        return try descriptor.map {
            ConvolutionChoice(
                descriptor: $0, source: try .blocked(from.dimensions(batch: batchSize)),
                target: try .blocked(to.dimensions(batch: batchSize)), isPictureByPicture: true)
        }
    }

    /// The direct convolution: in blocks of 16 channels where oneDNN has compiled code for that, which measured faster
    /// than the rows of channels that it likes best on AVX-512, else in the layouts that it chooses.
    func direct(
        _ convolution: Convolution, _ attributes: Attributes, _ step: ExecutionPlan.Step
    ) throws -> ConvolutionChoice {
        let shape = plan.shapes[step.inputs[0]]
        let (from, to) = (dimensions(of: step.inputs[0]), dimensions(of: step.output))
        let (source, target) = (sourceType(of: step), targetType(of: step))
        let isFirst = step.inputs[0] == ExecutionPlan.picture
        let blocked = try Descriptors.convolution(
            convolution, dnnl_convolution_direct, from: isFirst ? .plain(from, source) : .blocked(from, source),
            to: .blocked(to, target), of: shape)
        let free = try Descriptors.convolution(
            convolution, dnnl_convolution_direct, from: .chosen(from, source), to: .chosen(to, target), of: shape)
        let descriptor =
            try PrimitiveDescriptor.implementation("jit", of: blocked, attributes, engine: engine)
            ?? PrimitiveDescriptor(free, attributes, engine: engine, for: step.name)
        return ConvolutionChoice(
            descriptor: descriptor, source: descriptor.source, target: descriptor.destination,
            isPictureByPicture: false)
    }
}
