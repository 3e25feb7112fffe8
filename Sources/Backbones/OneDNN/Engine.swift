import COneDNN

/// The processor as oneDNN sees it, and the queue that primitives are put on, which belongs to one thread.
final class Engine {
    let handle: dnnl_engine_t
    let stream: dnnl_stream_t
    /// Whose handle this is, where it is not its own.
    private let owner: Engine?

    /// A queue for another thread, the calling one, on which the primitives of `engine` run on `threads` threads, as many as
    /// they were made with.
    init(sharing engine: Engine, threads: Int) throws {
        omp_set_num_threads(Int32(clamping: threads))
        stream = try Self.newStream(engine.handle)
        (handle, owner) = (engine.handle, engine)
    }

    /// An engine whose primitives run on `threads` threads when they are made and run on the calling thread.
    init(threads: Int) throws {
        // The number counts per calling thread, and primitives keep the one they were made with.
        omp_set_num_threads(Int32(clamping: threads))
        var engine: dnnl_engine_t?
        try dnnl_engine_create(&engine, dnnl_cpu, 0).check("oneDNN's engine")
        guard let engine else { preconditionFailure("oneDNN made no engine and no error") }
        do { stream = try Self.newStream(engine) } catch {
            dnnl_engine_destroy(engine)
            throw error
        }
        (handle, owner) = (engine, nil)
    }

    private static func newStream(_ engine: dnnl_engine_t) throws -> dnnl_stream_t {
        var stream: dnnl_stream_t?
        try dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue).check("oneDNN's stream")
        guard let stream else { preconditionFailure("oneDNN made no stream and no error") }
        return stream
    }

    deinit {
        dnnl_stream_destroy(stream)
        if owner == nil { dnnl_engine_destroy(handle) }
    }
}
