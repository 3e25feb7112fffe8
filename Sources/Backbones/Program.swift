import COneDNN
import Tensors

/// A compiled network with values to work on. Everything about it, its end included, belongs to the thread that made it.
final class Program {
    /// What runs at one moment.
    enum Action {
        /// A primitive of oneDNN and the memory that it works on.
        case primitive(Primitive, [dnnl_exec_arg_t])
        /// A pooling that oneDNN lacks, from one place of the arena to another.
        case generalizedMean(GeneralizedMean, runs: Int, length: Int, from: Int, to: Int)
        /// The moment to look at a value, which lies plain in the arena.
        case observation(value: Int, count: Int, at: Int)
    }

    private let network: CompiledNetwork
    private let engine: Engine
    private let arena: AlignedMemory
    private let actions: [(action: Action, layer: String)]
    /// Keeps alive what the actions' arguments point to.
    private let views: [MemoryView]
    private var batchSize: Int { network.batchSize }

    /// A program that runs `network` on the calling thread. Throws `InputError` where memory runs out.
    init(_ network: CompiledNetwork) throws {
        self.network = network
        engine = try Engine(sharing: network.engine, threads: network.threads)
        arena = try AlignedMemory(byteCount: network.activationBytes)
        (actions, views) = try network.linked(to: arena)
    }

    /// Writes the results for at most `batchSize` pictures to `results`, one after the other.
    func run(_ pictures: UnsafeBufferPointer<Float>, into results: UnsafeMutableBufferPointer<Float>) throws {
        write(pictures)
        for (action, layer) in actions { try run(action, layer) }
        arena.withFloats(from: network.result.offset, count: batchSize * network.result.length) {
            _ = results.update(fromContentsOf: $0.prefix(results.count))
        }
    }

    /// Computes on at most `batchSize` pictures and shows `observe` each value of the plan, for the full batch.
    func run(
        _ pictures: UnsafeBufferPointer<Float>, observe: (_ value: Int, _ elements: UnsafeBufferPointer<Float>) -> Void
    ) throws {
        write(pictures)
        for (action, layer) in actions {
            if case .observation(let value, let count, let offset) = action {
                arena.withFloats(from: offset, count: count) { observe(value, UnsafeBufferPointer($0)) }
            } else {
                try run(action, layer)
            }
        }
    }

    private func write(_ pictures: UnsafeBufferPointer<Float>) {
        arena.withFloats(from: network.picture.offset, count: batchSize * network.picture.length) { input in
            let rest = input.update(fromContentsOf: pictures)
            input[rest...].update(repeating: 0)
        }
    }

    private func run(_ action: Action, _ layer: String) throws {
        switch action {
        case .observation: break
        case .primitive(let primitive, let arguments): try primitive.run(arguments, on: engine, for: layer)
        case .generalizedMean(let mean, let runs, let length, let from, let to):
            pool(mean, runs: runs, length: length, from: from, to: to)
        }
    }

    // Not inlined: optimized into its throwing caller by Swift 6.3, it leaves a number in the register for errors, and the
    // caller takes that for an error.
    @inline(never)
    private func pool(_ mean: GeneralizedMean, runs: Int, length: Int, from: Int, to: Int) {
        arena.withFloats(from: from, count: runs * length) { source in
            arena.withFloats(from: to, count: runs) { target in
                mean.pool(UnsafeBufferPointer(source), runs: length, into: target)
            }
        }
    }
}
