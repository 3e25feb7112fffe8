public import Tensors

/// What an optimizer remembers between steps.
public struct OptimizerState: Sendable, Hashable {
    /// The name of the optimizer whose state it is, such as `AdamW`; nil where that was not recorded.
    public var optimizer: String?
    /// How many steps were made.
    public var steps: Int
    /// Per remembered quantity, under PyTorch's name such as `exp_avg`, one matrix for each parameter; no matrices before
    /// the first step.
    public var slots: [String: [Matrix]]

    /// A state after `steps` steps.
    public init(optimizer: String? = nil, steps: Int, slots: [String: [Matrix]]) {
        self.optimizer = optimizer
        self.steps = steps
        self.slots = slots
    }
}

/// What optimizers remember of each weight, under PyTorch's names.
enum OptimizerSlot: String {
    case gradientAverage = "exp_avg"
    case squareAverage = "exp_avg_sq"
    case largestSquareAverage = "max_exp_avg_sq"
    case norm = "exp_inf"
    case momentum = "momentum_buffer"
    case meanSquare = "square_avg"
    case meanGradient = "grad_avg"
    case squareSum = "sum"
    case meanSquareDelta = "acc_delta"
    case weightAverage = "ax"
    case previousGradient = "prev"
    case stepSize = "step_size"
}

extension OptimizerState {
    /// The state of an optimizer that has made no step.
    init(of optimizer: String, remembering slots: [OptimizerSlot]) {
        self.init(
            optimizer: optimizer, steps: 0, slots: Dictionary(uniqueKeysWithValues: slots.map { ($0.rawValue, []) }))
    }

    /// Takes over the steps and slots of `other`. Throws `InputError` where it is the state of another optimizer, or of
    /// none.
    mutating func adopt(_ other: OptimizerState) throws {
        let name = optimizer ?? "this optimizer"
        let matrices = Array(other.slots.values)
        guard [nil, optimizer].contains(other.optimizer), other.slots.keys == slots.keys, other.steps >= 0,
            matrices.allSatisfy({ Self.haveEqualShapes($0, matrices[0]) })
        else {
            let found = other.slots.keys.sorted().joined(separator: ", ")
            throw InputError(
                "optimizer state",
                "of \(other.optimizer ?? "an unnamed optimizer") after \(other.steps) steps holds "
                    + "\(found.isEmpty ? "nothing" : found), which is not a state of \(name)",
                remedy: "Resume with the optimizer and the settings that the run was started with.")
        }
        (steps, slots) = (other.steps, other.slots)
    }

    /// Counts one more step and returns which it is, from 1. Before the first, each slot gets a matrix for every parameter,
    /// filled with 0 or with what `initial` says.
    mutating func beginStep(
        _ parameters: [Matrix], _ gradients: Gradients, initial: [OptimizerSlot: Float] = [:]
    ) -> Int {
        for (name, matrices) in slots where matrices.isEmpty {
            let value = OptimizerSlot(rawValue: name).flatMap { initial[$0] } ?? 0
            slots[name] = parameters.map { Matrix(rows: $0.rows, columns: $0.columns, repeating: value) }
        }
        precondition(
            Self.shapes(parameters) == gradients.shapes
                && slots.values.allSatisfy { Self.haveEqualShapes(parameters, $0) },
            "parameters \(Self.shapes(parameters)), gradients \(gradients.shapes), "
                + "remembered \(slots.mapValues(Self.shapes))")
        steps += 1
        return steps
    }

    private static func shapes(_ matrices: [Matrix]) -> [[Int]] { matrices.map { [$0.rows, $0.columns] } }

    private static func haveEqualShapes(_ left: [Matrix], _ right: [Matrix]) -> Bool {
        left.elementsEqual(right) { $0.rows == $1.rows && $0.columns == $1.columns }
    }
}
