import COneDNN

/// The processor as oneDNN sees it, and the queue that primitives are put on; both belong to one thread.
final class Engine {
    let handle: dnnl_engine_t
    let stream: dnnl_stream_t

    /// An engine whose primitives run on `threads` threads when they are made and run on the calling thread.
    init(threads: Int) throws {
        // The number counts per calling thread, and primitives keep the one they were made with.
        omp_set_num_threads(Int32(clamping: threads))
        var engine: dnnl_engine_t?
        try dnnl_engine_create(&engine, dnnl_cpu, 0).check("oneDNN's engine")
        guard let engine else { preconditionFailure("oneDNN made no engine and no error") }
        var stream: dnnl_stream_t?
        do {
            try dnnl_stream_create(&stream, engine, dnnl_stream_default_flags.rawValue).check("oneDNN's stream")
        } catch {
            dnnl_engine_destroy(engine)
            throw error
        }
        guard let stream else { preconditionFailure("oneDNN made no stream and no error") }
        handle = engine
        self.stream = stream
    }

    deinit {
        dnnl_stream_destroy(stream)
        dnnl_engine_destroy(handle)
    }
}
