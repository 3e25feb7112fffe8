import COneDNN
import ModelGraph
import Tensors

/// Turns the steps of a plan into primitives and the buffers between them.
struct ProgramBuilder {
    /// A value in memory: the buffer that it lies in, from which byte on, and how.
    struct Placement {
        let buffer: Int
        var offset = 0
        let layout: Layout

        /// The part at `index` of a batch that is cut into equal parts of `layout`, one after the other in memory.
        func part(_ index: Int, _ layout: Layout) -> Placement {
            Placement(buffer: buffer, offset: offset + index * layout.byteCount, layout: layout)
        }
    }

    /// What a primitive works on: a buffer of the arena, or weights.
    enum Operand {
        case placement(Placement)
        case constant(MemoryView)
    }

    private enum Command {
        case primitive(Primitive, [(argument: Argument, operand: Operand)])
        case generalizedMean(GeneralizedMean, runs: Int, length: Int, from: Int, to: Int)
        case observation(value: Int, count: Int, at: Int)
    }

    let plan: ExecutionPlan
    let numbers: NumberPlan
    let batchSize: Int
    let engine: Engine
    private let isObserved: Bool
    /// The buffers so far, with the moments at which each is needed; a moment is the number of a command.
    private(set) var blocks: [ArenaPlan.Block] = []
    /// Bytes of all weights in the layouts that the primitives chose.
    private(set) var weightBytes = 0
    /// The buffer that the picture is written to before the first command.
    let pictureBuffer = 0
    private var commands: [(command: Command, layer: String)] = []
    /// Where each value lies; the first is where it was computed, the others are copies in other layouts.
    private var placements: [Int: [Placement]] = [:]

    init(
        plan: ExecutionPlan, numbers: NumberPlan, batchSize: Int, engine: Engine, isObserved: Bool = false
    ) throws {
        self.plan = plan
        self.numbers = numbers
        self.isObserved = isObserved
        self.batchSize = batchSize
        self.engine = engine
        let layout = try Layout.plain(dimensions(of: ExecutionPlan.picture))
        placements[ExecutionPlan.picture] = [newPlacement(layout)]
    }

    /// Appends all steps; returns the buffer that the result is in at the end, plain.
    mutating func appendSteps() throws -> Int {
        for index in plan.steps.indices {
            try append(plan.steps[index], at: index)
            if isObserved { try appendObservation(of: plan.steps[index]) }
        }
        let layout = try Layout.plain(dimensions(of: plan.output))
        let result = try placement(of: plan.output, in: layout, for: "output")
        touch(result.buffer, at: commands.count)
        return result.buffer
    }

    /// The commands with the memory that they work on, buffers lying at `offsets` of `arena`.
    func linked(
        to arena: AlignedMemory, at offsets: [Int]
    ) throws -> (actions: [(action: Program.Action, layer: String)], views: [MemoryView]) {
        var views: [MemoryView] = []
        let actions = try commands.map { command, layer -> (Program.Action, String) in
            switch command {
            case .primitive(let primitive, let operands):
                let arguments = try operands.map { argument, operand in
                    let view = try view(of: operand, in: arena, at: offsets)
                    views.append(view)
                    return dnnl_exec_arg_t(arg: argument.number, memory: view.handle)
                }
                return (.primitive(primitive, arguments), layer)
            case .generalizedMean(let mean, let runs, let length, let from, let to):
                let action = Program.Action.generalizedMean(
                    mean, runs: runs, length: length, from: offsets[from], to: offsets[to])
                return (action, layer)
            case .observation(let value, let count, let buffer):
                return (.observation(value: value, count: count, at: offsets[buffer]), layer)
            }
        }
        return (actions, views)
    }

    private func view(of operand: Operand, in arena: AlignedMemory, at offsets: [Int]) throws -> MemoryView {
        switch operand {
        case .constant(let view): view
        case .placement(let placement):
            try MemoryView(arena, at: offsets[placement.buffer] + placement.offset, placement.layout, engine: engine)
        }
    }
}

// What the steps' own files build with.
extension ProgramBuilder {
    /// The shape of a batch of `value`.
    func dimensions(of value: Int) -> [Int] { plan.shapes[value].dimensions(batch: batchSize) }

    /// Where `value` lies as it was computed.
    func placement(of value: Int) -> Placement {
        guard let first = placements[value]?.first else { preconditionFailure("value \(value) is not computed yet") }
        return first
    }

    /// Where `value` lies in `layout`; copies it there where it does not yet.
    mutating func placement(of value: Int, in layout: Layout, for layer: String) throws -> Placement {
        let known = placements[value] ?? []
        if let match = known.first(where: { $0.layout == layout }) { return match }
        let copy = newPlacement(layout)
        let first = placement(of: value)
        let factor = reorderFactor(of: value, from: first.layout.type, to: layout.type)
        try appendReorder(from: first, to: copy, scaledBy: factor, for: layer)
        placements[value] = known + [copy]
        return copy
    }

    /// Where `value` lies, arranged as it was computed, as values of `type`; copies it where it does not yet.
    mutating func placement(of value: Int, as type: dnnl_data_type_t, for layer: String) throws -> Placement {
        try placement(of: value, in: placement(of: value).layout.with(type), for: layer)
    }

    /// States where a step has put `value`.
    mutating func define(_ value: Int, at placement: Placement) { placements[value] = [placement] }

    /// A new buffer for an array of `layout`.
    mutating func newPlacement(_ layout: Layout) -> Placement {
        blocks.append(ArenaPlan.Block(size: layout.byteCount, lifetime: commands.count...commands.count))
        return Placement(buffer: blocks.count - 1, layout: layout)
    }

    /// Weights of bytes in `layout`, from the plain order of `dimensions`.
    mutating func constant(
        _ values: [Int8], _ dimensions: [Int], as layout: Layout, for layer: String
    ) throws -> MemoryView {
        let view = try MemoryView(values, dimensions, dnnl_s8, as: layout, engine: engine, for: layer)
        weightBytes += view.byteCount
        return view
    }

    /// Weights in `layout`, from the plain order of `dimensions`.
    mutating func constant(
        _ values: [Float], _ dimensions: [Int], as layout: Layout? = nil, for layer: String
    ) throws -> MemoryView {
        let layout = try layout ?? Layout.plain(dimensions)
        let view = try MemoryView(values, dimensions, dnnl_f32, as: layout, engine: engine, for: layer)
        weightBytes += view.byteCount
        return view
    }

    mutating func appendReorder(
        from source: Placement, to target: Placement, scaledBy factor: Float = 1, for layer: String
    ) throws {
        let attributes = try Attributes()
        if factor != 1 { try attributes.setOutputScales([factor]) }
        let descriptor = try PrimitiveDescriptor(
            reorderFrom: source.layout, to: target.layout, attributes, engine: engine, for: layer)
        try append(descriptor, [(.from, .placement(source)), (.to, .placement(target))], for: layer)
    }

    mutating func append(
        _ descriptor: PrimitiveDescriptor, _ operands: [(argument: Argument, operand: Operand)], for layer: String
    ) throws {
        append(try Primitive(descriptor, for: layer), descriptor, operands, for: layer)
    }

    /// Appends a primitive made from `descriptor`, with the scratch memory that it needs.
    mutating func append(
        _ primitive: Primitive, _ descriptor: PrimitiveDescriptor,
        _ operands: [(argument: Argument, operand: Operand)], for layer: String
    ) {
        var operands = operands
        if descriptor.scratchpad.byteCount > 0 {
            operands.append((.scratchpad, .placement(newPlacement(descriptor.scratchpad))))
        }
        for case (_, .placement(let placement)) in operands { touch(placement.buffer, at: commands.count) }
        commands.append((.primitive(primitive, operands), layer))
    }

    mutating func append(
        _ mean: GeneralizedMean, runs: Int, length: Int, from: Placement, to: Placement, for layer: String
    ) {
        touch(from.buffer, at: commands.count)
        touch(to.buffer, at: commands.count)
        let command = Command.generalizedMean(mean, runs: runs, length: length, from: from.buffer, to: to.buffer)
        commands.append((command, layer))
    }

    private mutating func appendObservation(of step: ExecutionPlan.Step) throws {
        let dimensions = dimensions(of: step.output)
        let plain = try placement(of: step.output, in: .plain(dimensions), for: step.name)
        touch(plain.buffer, at: commands.count)
        let count = dimensions.reduce(1, *)
        commands.append((.observation(value: step.output, count: count, at: plain.buffer), step.name))
    }

    private mutating func touch(_ buffer: Int, at moment: Int) {
        blocks[buffer].lifetime = blocks[buffer].lifetime.lowerBound...moment
    }
}
