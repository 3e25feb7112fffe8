import COneDNN
import ModelGraph

/// How a primitive runs: with scratch memory that the caller brings, and with what it does to its result before it
/// writes it.
final class Attributes {
    let handle: dnnl_primitive_attr_t
    private let operations: dnnl_post_ops_t

    init() throws {
        var attributes: dnnl_primitive_attr_t?
        var operations: dnnl_post_ops_t?
        try dnnl_primitive_attr_create(&attributes).check("oneDNN's attributes")
        try dnnl_post_ops_create(&operations).check("oneDNN's post-operations")
        guard let attributes, let operations else { preconditionFailure("oneDNN made no attributes and no error") }
        handle = attributes
        self.operations = operations
        try dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user).check("scratchpad mode")
    }

    deinit {
        dnnl_post_ops_destroy(operations)
        dnnl_primitive_attr_destroy(handle)
    }

    /// Multiplies the result, before all else that is done to it, by a number, or by one a channel.
    func setOutputScales(_ scales: [Float]) throws {
        let mask: Int32 = scales.count == 1 ? 0 : 1 << 1
        try dnnl_primitive_attr_set_output_scales(handle, dnnl_dim_t(scales.count), mask, scales).check("scales")
    }

    /// Adds `scale` times what stands in the target, as numbers of `type`.
    func appendSum(scale: Float = 1, _ type: dnnl_data_type_t = dnnl_data_type_undef) throws {
        try dnnl_post_ops_append_sum_v2(operations, scale, type).check("sum")
        try commit()
    }

    /// Adds an array of `layout`, which is an argument of its own when the primitive runs.
    func appendAddition(of layout: Layout) throws {
        var descriptor = layout.descriptor
        try dnnl_post_ops_append_binary(operations, dnnl_binary_add, &descriptor).check("addition")
        try commit()
    }

    /// Applies `activation`, and multiplies what it gives by `factor`.
    func append(_ activation: Activation, times factor: Float = 1) throws {
        for function in activation.functions(times: factor) {
            try dnnl_post_ops_append_eltwise(operations, 1, function.algorithm, function.alpha, function.beta)
                .check("activation \(activation.typeName)")
        }
        try commit()
    }

    private func commit() throws {
        try dnnl_primitive_attr_set_post_ops(handle, operations).check("oneDNN's post-operations")
    }
}
