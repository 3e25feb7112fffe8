import COneDNN

/// The roles that memory plays in a primitive.
struct Argument: Hashable {
    let number: Int32

    static let source = Argument(number: DNNL_ARG_SRC_0)
    static let secondSource = Argument(number: DNNL_ARG_SRC_1)
    static let weights = Argument(number: DNNL_ARG_WEIGHTS_0)
    static let bias = Argument(number: DNNL_ARG_BIAS)
    static let destination = Argument(number: DNNL_ARG_DST_0)
    static let scratchpad = Argument(number: DNNL_ARG_SCRATCHPAD)
    static let from = source
    /// The inputs of a concatenation.
    static func source(at index: Int) -> Argument { Argument(number: DNNL_ARG_MULTIPLE_SRC + Int32(index)) }
    static let to = destination
    /// The second operand of the first post-operation.
    static let firstPostOperation = Argument(number: DNNL_ARG_ATTR_MULTIPLE_POST_OP_BASE | DNNL_ARG_SRC_1)
}

/// A computation that oneDNN has chosen an implementation and layouts for.
final class PrimitiveDescriptor {
    let handle: dnnl_primitive_desc_t

    private init(handle: dnnl_primitive_desc_t) { self.handle = handle }

    /// The implementation of `operation`, one of oneDNN's operation descriptors, that oneDNN likes best.
    init<Description>(
        _ operation: Description, _ attributes: Attributes, engine: Engine, for layer: String
    ) throws {
        var handle: dnnl_primitive_desc_t?
        try withUnsafeBytes(of: operation) {
            dnnl_primitive_desc_create(&handle, $0.baseAddress, attributes.handle, engine.handle, nil)
        }.check("layer '\(layer)'")
        guard let handle else { preconditionFailure("oneDNN made no primitive and no error") }
        self.handle = handle
    }

    /// The first implementation of `operation` whose name begins with `prefix`, or nil where oneDNN has none for this
    /// processor, these layouts and these attributes.
    static func implementation<Description>(
        _ prefix: String, of operation: Description, _ attributes: Attributes, engine: Engine
    ) -> PrimitiveDescriptor? {
        // The iterator reads the descriptor at every step, so the descriptor must stay where it is.
        withUnsafeBytes(of: operation) { operation in
            var iterator: dnnl_primitive_desc_iterator_t?
            let status = dnnl_primitive_desc_iterator_create(
                &iterator, operation.baseAddress, attributes.handle, engine.handle, nil)
            guard status == dnnl_success, let iterator else { return nil }
            defer { dnnl_primitive_desc_iterator_destroy(iterator) }
            repeat {
                guard let handle = dnnl_primitive_desc_iterator_fetch(iterator) else { return nil }
                let candidate = PrimitiveDescriptor(handle: handle)
                if candidate.name.hasPrefix(prefix) { return candidate }
            } while dnnl_primitive_desc_iterator_next(iterator) == dnnl_success
            return nil
        }
    }

    /// A copy from one layout to another.
    init(
        reorderFrom source: Layout, to target: Layout, _ attributes: Attributes? = nil, engine: Engine,
        for layer: String
    ) throws {
        var (source, target) = (source.descriptor, target.descriptor)
        var handle: dnnl_primitive_desc_t?
        try dnnl_reorder_primitive_desc_create(
            &handle, &source, engine.handle, &target, engine.handle, attributes?.handle
        )
        .check("layer '\(layer)'")
        guard let handle else { preconditionFailure("oneDNN made no reorder and no error") }
        self.handle = handle
    }

    /// Arrays one after the other along their second dimension.
    init(concatenating sources: [Layout], _ attributes: Attributes, engine: Engine, for layer: String) throws {
        let descriptors = sources.map(\.descriptor)
        var handle: dnnl_primitive_desc_t?
        try dnnl_concat_primitive_desc_create(
            &handle, nil, Int32(sources.count), 1, descriptors, attributes.handle, engine.handle
        )
        .check("layer '\(layer)'")
        guard let handle else { preconditionFailure("oneDNN made no concatenation and no error") }
        self.handle = handle
    }

    deinit { dnnl_primitive_desc_destroy(handle) }

    /// The layout that the implementation wants for the picture's side of the computation.
    var source: Layout { layout(dnnl_query_src_md) }
    /// The layout that it wants for weights.
    var weights: Layout { layout(dnnl_query_weights_md) }
    /// The layout that it writes.
    var destination: Layout { layout(dnnl_query_dst_md) }

    /// The scratch memory that it needs where the attributes say that the caller brings it.
    var scratchpad: Layout { layout(dnnl_query_scratchpad_md) }

    /// The implementation's name, such as `jit_1x1:avx512_core`.
    var name: String {
        var name: UnsafePointer<CChar>?
        guard dnnl_primitive_desc_query(handle, dnnl_query_impl_info_str, 0, &name) == dnnl_success, let name else {
            return ""
        }
        return String(cString: name)
    }

    private func layout(_ query: dnnl_query_t) -> Layout {
        guard let descriptor = dnnl_primitive_desc_query_md(handle, query, 0) else {
            preconditionFailure("a primitive without \(query)")
        }
        return Layout(descriptor.pointee)
    }
}

/// A computation that is ready to run.
final class Primitive {
    private let handle: dnnl_primitive_t

    init(_ descriptor: PrimitiveDescriptor, for layer: String) throws {
        var handle: dnnl_primitive_t?
        try dnnl_primitive_create(&handle, descriptor.handle).check("layer '\(layer)'")
        guard let handle else { preconditionFailure("oneDNN made no primitive and no error") }
        self.handle = handle
    }

    deinit { dnnl_primitive_destroy(handle) }

    /// Computes, and waits for the result.
    func run(_ views: [Argument: MemoryView], on engine: Engine, for layer: String) throws {
        try run(views.map { dnnl_exec_arg_t(arg: $0.number, memory: $1.handle) }, on: engine, for: layer)
    }

    /// Computes with memory that the caller keeps alive, and waits for the result.
    func run(_ arguments: [dnnl_exec_arg_t], on engine: Engine, for layer: @autoclosure () -> String) throws {
        try dnnl_primitive_execute(handle, engine.stream, Int32(arguments.count), arguments)
            .check("layer '\(layer())'")
        try dnnl_stream_wait(engine.stream).check("layer '\(layer())'")
    }
}
