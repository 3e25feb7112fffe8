import Tensors

/// A network compiled for one batch size: primitives, weights, and where values lie while they are needed. Programs on
/// several threads run it, each with values of its own.
///
/// Nothing of it changes once it is made; oneDNN's primitives, whose scratch memory lies with the values, and its memory
/// objects may be used by several threads at once.
final class CompiledNetwork: @unchecked Sendable {
    let engine: Engine
    let batchSize: Int
    let threads: Int
    /// Bytes of the weights in the layouts that the primitives chose.
    let weightBytes: Int
    /// Bytes of the values that one program needs.
    let activationBytes: Int
    /// Where a batch of pictures and its results lie, in bytes from the start of the values, and how many numbers each
    /// picture has there.
    let picture, result: (offset: Int, length: Int)
    private let builder: ProgramBuilder
    private let offsets: [Int]

    /// Compiles `plan` for `threads` threads; where it is observed, so that every value can be seen once it is computed.
    /// Throws `InputError`, with the layer's name, where oneDNN refuses a step or memory runs out.
    init(
        plan: ExecutionPlan, numbers: NumberPlan, batchSize: Int, threads: Int, isObserved: Bool = false
    ) throws {
        engine = try Engine(threads: threads)
        (self.batchSize, self.threads) = (batchSize, threads)
        var builder = try ProgramBuilder(
            plan: plan, numbers: numbers, batchSize: batchSize, engine: engine, isObserved: isObserved)
        let last = try builder.appendSteps()
        let arena = ArenaPlan(builder.blocks)
        (weightBytes, activationBytes) = (builder.weightBytes, arena.size)
        picture = (arena.offsets[builder.pictureBuffer], plan.shapes[ExecutionPlan.picture].elementCount)
        result = (arena.offsets[last], plan.shapes[plan.output].elementCount)
        (self.builder, offsets) = (builder, arena.offsets)
    }

    /// What to run, on values in `arena`.
    func linked(
        to arena: AlignedMemory
    ) throws -> (actions: [(action: Program.Action, layer: String)], views: [MemoryView]) {
        try builder.linked(to: arena, at: offsets)
    }
}
