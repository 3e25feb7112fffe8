import COneDNN

/// A place in memory with a layout, as primitives take it.
final class MemoryView {
    let handle: dnnl_memory_t
    let layout: Layout
    private let memory: AlignedMemory

    /// What begins at the byte `offset` of `memory`, in `layout`.
    init(_ memory: AlignedMemory, at offset: Int = 0, _ layout: Layout, engine: Engine) throws {
        precondition(
            offset + layout.byteCount <= memory.byteCount,
            "\(layout.byteCount) bytes at \(offset) of \(memory.byteCount)")
        var descriptor = layout.descriptor
        var handle: dnnl_memory_t?
        try memory.withBytes(from: offset) {
            try dnnl_memory_create(&handle, &descriptor, engine.handle, $0).check("oneDNN's memory")
        }
        guard let handle else { preconditionFailure("oneDNN made no memory and no error") }
        self.handle = handle
        self.layout = layout
        self.memory = memory
    }

    /// Memory of its own that holds `values`, which are numbers of `type`, in `layout`, put there from the plain order of
    /// `dimensions`.
    convenience init<Number: BitwiseCopyable>(
        _ values: [Number], _ dimensions: [Int], _ type: dnnl_data_type_t, as layout: Layout, engine: Engine,
        for layer: String
    ) throws {
        let plain = try Layout.plain(dimensions, type)
        let source = try AlignedMemory(byteCount: plain.byteCount)
        values.withUnsafeBytes { bytes in
            precondition(bytes.count == plain.byteCount, "\(bytes.count) bytes for an array \(dimensions)")
            guard let start = bytes.baseAddress else { return }
            source.withBytes { $0.copyMemory(from: start, byteCount: bytes.count) }
        }
        guard layout != plain else {
            try self.init(source, plain, engine: engine)
            return
        }
        try self.init(try AlignedMemory(byteCount: layout.byteCount), layout, engine: engine)
        let from = try MemoryView(source, plain, engine: engine)
        try Primitive(PrimitiveDescriptor(reorderFrom: plain, to: layout, engine: engine, for: layer), for: layer)
            .run([.from: from, .to: self], on: engine, for: layer)
    }

    deinit { dnnl_memory_destroy(handle) }

    /// Bytes of the whole memory that it looks at.
    var byteCount: Int { memory.byteCount }
}
