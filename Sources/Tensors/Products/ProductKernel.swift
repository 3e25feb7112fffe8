import COneDNN
import Synchronization

/// oneDNN's matrix product for one shape on one thread. Any number of threads may run the same kernel at a time.
final class ProductKernel: @unchecked Sendable {
    /// What a kernel is made for. Strides are in values: of the factors down and across, of the target from row to row.
    struct Shape: Hashable {
        let rows, columns, depth: Int
        let element: ProductFactor.Element
        private let leftDown, leftAcross, rightDown, rightAcross: Int
        let targetStride: Int

        init(
            rows: Int, columns: Int, depth: Int, element: ProductFactor.Element, left: (down: Int, across: Int),
            right: (down: Int, across: Int), targetStride: Int
        ) {
            (self.rows, self.columns, self.depth, self.element) = (rows, columns, depth, element)
            (leftDown, leftAcross) = left
            (rightDown, rightAcross) = right
            self.targetStride = targetStride
        }

        private var type: dnnl_data_type_t { element == .float32 ? dnnl_f32 : dnnl_bf16 }

        var left: dnnl_memory_desc_t { Self.array([rows, depth], [leftDown, leftAcross], type) }
        var right: dnnl_memory_desc_t { Self.array([depth, columns], [rightDown, rightAcross], type) }
        var target: dnnl_memory_desc_t { Self.array([rows, columns], [targetStride, 1], dnnl_f32) }

        private static func array(_ shape: [Int], _ strides: [Int], _ type: dnnl_data_type_t) -> dnnl_memory_desc_t {
            var descriptor = dnnl_memory_desc_t()
            ProductKernel.require(
                dnnl_memory_desc_init_by_strides(&descriptor, 2, shape.map(Int64.init), type, strides.map(Int64.init)))
            return descriptor
        }
    }

    // Immutable after init, and used by oneDNN as such: a kernel without scratch memory of its own may run on many threads.
    private let primitive: dnnl_primitive_t
    private let shape: Shape
    private let scratchpad: dnnl_memory_desc_t
    private let scratchBytes: Int

    /// Kernels that were made, until there are too many.
    private static let kernels = Mutex<[Shape: ProductKernel]>([:])
    private static let mostKernels = 512

    /// Whether this processor has AVX-512 as oneDNN sees it; `ONEDNN_MAX_CPU_ISA` in the environment counts.
    static let hasAVX512: Bool = {
        let needed = dnnl_cpu_isa_avx512_core.rawValue
        return dnnl_get_effective_cpu_isa().rawValue & needed == needed
    }()

    private struct Engine: @unchecked Sendable { let handle: dnnl_engine_t }

    // One for the process: it has no state but the processor's kind.
    private static let engine: Engine = {
        var handle: dnnl_engine_t?
        require(dnnl_engine_create(&handle, dnnl_cpu, 0))
        guard let handle else { preconditionFailure("oneDNN made no engine and no error") }
        return Engine(handle: handle)
    }()

    /// The kernel for `shape`, made when it is first asked for.
    static func of(_ shape: Shape) -> ProductKernel {
        if let known = kernels.withLock({ $0[shape] }) { return known }
        let kernel = ProductKernel(shape)
        kernels.withLock { kernels in
            // Shapes repeat from step to step; where they do not, none is worth keeping.
            if kernels.count >= mostKernels { kernels = [:] }
            kernels[shape] = kernel
        }
        return kernel
    }

    private init(_ shape: Shape) {
        omp_set_num_threads(1)  // a primitive keeps the number that it was made with
        self.shape = shape
        var (left, right, target) = (shape.left, shape.right, shape.target)
        var operation = dnnl_matmul_desc_t()
        Self.require(dnnl_matmul_desc_init(&operation, &left, &right, nil, &target))
        var attributes: dnnl_primitive_attr_t?
        Self.require(dnnl_primitive_attr_create(&attributes))
        defer { dnnl_primitive_attr_destroy(attributes) }
        Self.require(dnnl_primitive_attr_set_scratchpad_mode(attributes, dnnl_scratchpad_mode_user))
        var description: dnnl_primitive_desc_t?
        Self.require(dnnl_primitive_desc_create(&description, &operation, attributes, Self.engine.handle, nil))
        defer { dnnl_primitive_desc_destroy(description) }
        var primitive: dnnl_primitive_t?
        Self.require(dnnl_primitive_create(&primitive, description))
        guard let primitive, let scratchpad = dnnl_primitive_desc_query_md(description, dnnl_query_scratchpad_md, 0)
        else { preconditionFailure("oneDNN made no matrix product and no error") }
        self.primitive = primitive
        self.scratchpad = scratchpad.pointee
        scratchBytes = dnnl_memory_desc_get_size(scratchpad)
    }

    deinit { dnnl_primitive_destroy(primitive) }

    /// Computes the product of the matrices that begin at `left` and `right`.
    func run(_ left: UnsafeRawPointer?, _ right: UnsafeRawPointer?, into target: UnsafeMutablePointer<Float>?) {
        omp_set_num_threads(1)  // counts for the calling thread, which is a worker's
        withUnsafeTemporaryAllocation(byteCount: max(scratchBytes, 1), alignment: 64) { scratch in
            let memories = [
                Self.memory(shape.left, UnsafeMutableRawPointer(mutating: left)),
                Self.memory(shape.right, UnsafeMutableRawPointer(mutating: right)), Self.memory(shape.target, target),
                Self.memory(scratchpad, scratch.baseAddress),
            ]
            defer { for memory in memories { dnnl_memory_destroy(memory) } }
            let roles = [DNNL_ARG_SRC_0, DNNL_ARG_WEIGHTS_0, DNNL_ARG_DST_0, DNNL_ARG_SCRATCHPAD]
            let arguments = zip(roles, memories).map { dnnl_exec_arg_t(arg: $0, memory: $1) }
            var stream: dnnl_stream_t?
            Self.require(dnnl_stream_create(&stream, Self.engine.handle, dnnl_stream_default_flags.rawValue))
            defer { dnnl_stream_destroy(stream) }
            Self.require(dnnl_primitive_execute(primitive, stream, Int32(arguments.count), arguments))
            Self.require(dnnl_stream_wait(stream))
        }
    }

    private static func memory(_ layout: dnnl_memory_desc_t, _ base: UnsafeMutableRawPointer?) -> dnnl_memory_t? {
        var (layout, memory) = (layout, dnnl_memory_t?.none)
        require(dnnl_memory_create(&memory, &layout, engine.handle, base))
        return memory
    }

    /// Shapes are checked before, and there is no product that oneDNN cannot do: a failure is a lack of memory or a mistake.
    private static func require(_ status: dnnl_status_t) {
        precondition(status == dnnl_success, "oneDNN's matrix product failed with status \(status.rawValue)")
    }
}
