import COneDNN
import ModelGraph
import Tensors

/// oneDNN's operation descriptors, all for inference.
enum Descriptors {
    /// A convolution between maps in the given layouts.
    static func convolution(
        _ convolution: Convolution, _ algorithm: dnnl_alg_kind_t, from source: Layout, to target: Layout,
        of shape: ExecutionPlan.MapShape
    ) throws -> dnnl_convolution_desc_t {
        let window = convolution.window
        let padding = window.resolvedPadding(height: shape.height, width: shape.width)
        var from = source.descriptor
        var weights = try Layout.chosen(convolution.groupedWeightDimensions, source.type.typeOfWeights).descriptor
        var bias = try Layout.plain([convolution.outputChannels]).descriptor
        var to = target.descriptor
        var descriptor = dnnl_convolution_desc_t()
        try dnnl_dilated_convolution_forward_desc_init(
            &descriptor, dnnl_forward_inference, algorithm, &from, &weights, &bias, &to,
            window.strides, window.dilationGaps, [Int64(padding.top), Int64(padding.left)],
            [Int64(padding.bottom), Int64(padding.right)]
        ).check("convolution")
        return descriptor
    }

    /// A dense layer from `source`, as many channels as it has inputs, kept as `type`, to a plain `[batch, outputs]` in
    /// single precision.
    static func linear(
        _ linear: Linear, batch: Int, from source: ExecutionPlan.MapShape, _ type: dnnl_data_type_t
    ) throws -> dnnl_inner_product_desc_t {
        var from = try Layout.chosen(source.dimensions(batch: batch), type).descriptor
        var weights = try Layout.chosen([linear.outputs, linear.inputs, 1, 1], type.typeOfWeights).descriptor
        var bias = try Layout.plain([linear.outputs]).descriptor
        var to = try Layout.plain([batch, linear.outputs]).descriptor
        var descriptor = dnnl_inner_product_desc_t()
        try dnnl_inner_product_forward_desc_init(&descriptor, dnnl_forward_inference, &from, &weights, &bias, &to)
            .check("linear")
        return descriptor
    }

    /// A pooling of a map stored as `source`.
    static func pooling(
        _ algorithm: dnnl_alg_kind_t, _ window: Window, batch: Int, from source: Layout,
        of shape: ExecutionPlan.MapShape, to target: ExecutionPlan.MapShape
    ) throws -> dnnl_pooling_v2_desc_t {
        let padding = window.coveringPadding(height: shape.height, width: shape.width)
        var from = source.descriptor
        var to = try Layout.chosen(target.dimensions(batch: batch), source.type).descriptor
        var descriptor = dnnl_pooling_v2_desc_t()
        try dnnl_pooling_v2_forward_desc_init(
            &descriptor, dnnl_forward_inference, algorithm, &from, &to, window.strides,
            [Int64(window.height), Int64(window.width)], window.dilationGaps,
            [Int64(padding.top), Int64(padding.left)], [Int64(padding.bottom), Int64(padding.right)]
        ).check("pooling")
        return descriptor
    }

    /// `algorithm` on two arrays, the second broadcast where it is shorter; the result is stored as the first.
    static func binary(_ algorithm: dnnl_alg_kind_t, _ first: Layout, _ second: Layout) throws -> dnnl_binary_desc_t {
        var (first, second, target) = (first.descriptor, second.descriptor, first.descriptor)
        var descriptor = dnnl_binary_desc_t()
        try dnnl_binary_desc_init(&descriptor, algorithm, &first, &second, &target).check("binary")
        return descriptor
    }

    /// An element-wise function on its own.
    static func elementwise(_ function: ElementwiseFunction, on layout: Layout) throws -> dnnl_eltwise_desc_t {
        var data = layout.descriptor
        var descriptor = dnnl_eltwise_desc_t()
        try dnnl_eltwise_forward_desc_init(
            &descriptor, dnnl_forward_inference, function.algorithm, &data, function.alpha, function.beta
        ).check("activation")
        return descriptor
    }

    /// exp(x) / sum(exp(x)) over the channels.
    static func softmax(on layout: Layout) throws -> dnnl_softmax_desc_t {
        var data = layout.descriptor
        var descriptor = dnnl_softmax_desc_t()
        try dnnl_softmax_forward_desc_init(&descriptor, dnnl_forward_inference, &data, 1).check("softmax")
        return descriptor
    }

    /// The channels of maps dealt out again, `groups` piles becoming one.
    static func channelShuffle(groups: Int, on layout: Layout, channels: Int) throws -> dnnl_shuffle_desc_t {
        var data = layout.descriptor
        var descriptor = dnnl_shuffle_desc_t()
        try dnnl_shuffle_forward_desc_init(
            &descriptor, dnnl_forward_inference, &data, 1, dnnl_dim_t(channels / groups)
        ).check("channel shuffle")
        return descriptor
    }
}

extension ExecutionPlan.MapShape {
    /// The shape of a batch of such maps.
    func dimensions(batch: Int) -> [Int] { [batch, channels, height, width] }
}

extension Convolution {
    /// The weight's shape with the groups as a dimension of their own, which oneDNN asks for where there are several.
    var groupedWeightDimensions: [Int] {
        groups == 1 ? weight.shape : [groups, outputChannels / groups] + weight.shape[1...]
    }
}

extension dnnl_data_type_t {
    /// What oneDNN wants weights to be for a source of this type.
    var typeOfWeights: dnnl_data_type_t { self == dnnl_u8 ? dnnl_s8 : self }
}

extension Window {
    fileprivate var strides: [Int64] { [Int64(strideDown), Int64(strideAcross)] }
    /// oneDNN counts what lies between taps: 0 for a dense window.
    fileprivate var dilationGaps: [Int64] { [Int64(dilationDown - 1), Int64(dilationAcross - 1)] }
}
