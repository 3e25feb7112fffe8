import Tensors

// What is known before any picture is: shapes, and weights that are computed from weights.
extension ONNXImport {
    /// The result of a node all of whose inputs are numbers; nil for others.
    mutating func folded(_ node: ONNXNode) throws -> ONNXConstant? {
        if node.opType == "Constant" {
            let literal = try literal(node)
            // These numbers are in the file, as those of initializers are.
            foldingBudget += Self.foldingRoom(literal.count)
            return literal
        }
        var inputs: [ONNXConstant?] = []
        for index in node.inputs.indices {
            switch try value(node, index) {
            case nil: inputs.append(nil)
            case .constant(let constant): inputs.append(constant)
            default: return nil
            }
        }
        guard let first = inputs.first ?? nil else { return nil }
        let result = try ONNXFolding(
            node: node, opset: file.opset, first: first, others: Array(inputs.dropFirst()), limit: foldingBudget
        ).result()
        if !ONNXFolding.sharing.contains(node.opType) { foldingBudget -= result.count }
        return result
    }

    private func literal(_ node: ONNXNode) throws -> ONNXConstant {
        let names = ["value", "value_float", "value_floats", "value_int", "value_ints"]
        switch names.compactMap({ node.attributes[$0] }).first {
        case .tensor(let tensor)?: return try ONNXConstant(tensor)
        case .float(let value)?: return ONNXConstant(shape: [], floats: [value])
        case .floats(let values)?: return ONNXConstant(shape: [values.count], floats: values)
        case .int(let value)?: return ONNXConstant(shape: [], integers: [value])
        case .ints(let values)?: return ONNXConstant(values)
        default: throw ONNXFault(node, "has no numbers")
        }
    }
}

/// One node's result from numbers.
struct ONNXFolding {
    let node: ONNXNode
    let opset: Int
    let first: ONNXConstant
    /// The other inputs; nil where one is left out.
    let others: [ONNXConstant?]

    /// The most values that the result may have; larger ones are refused before memory is taken.
    let limit: Int

    /// Operators whose results are their input's numbers, and take no memory of their own.
    static let sharing: Set = ["Identity", "Dropout", "Reshape", "Squeeze", "Unsqueeze", "Flatten"]

    func result() throws -> ONNXConstant {
        switch node.opType {
        case "Identity", "Dropout": return first
        case "Reshape": return try reshaped()
        case "Squeeze", "Unsqueeze", "Flatten": return try rearranged()
        case "Gather": return try gathered()
        case "Concat": return try concatenated()
        case "Slice": return try sliced()
        case "ConstantOfShape": return try filled()
        case "Shape": return ONNXConstant(ONNXImport.shapePart(first.shape, node))
        default:
            _ = try count(of: first.shape)
            return try computed()
        }
    }

    /// What gives a value for each value of its input.
    private func computed() throws -> ONNXConstant {
        switch node.opType {
        case "Cast": return try cast()
        case "Add": return try combined(+) { $0.addingReportingOverflow($1) }
        case "Sub": return try combined(-) { $0.subtractingReportingOverflow($1) }
        case "Mul": return try combined(*) { $0.multipliedReportingOverflow(by: $1) }
        case "Div": return try combined(/) { $0.dividedReportingOverflow(by: $1) }
        case "Neg": return try negated()
        case "Sqrt": return mapped { $0.squareRoot() }
        case "Floor": return mapped { $0.rounded(.down) }
        case "Ceil": return mapped { $0.rounded(.up) }
        case "Transpose": return try transposed(node.integers("perm") ?? Array(first.shape.indices.reversed()))
        default: throw ONNXFault(node, "is not supported on numbers alone")
        }
    }

    /// How many values a result of `shape` has. Throws where those are too many.
    func count(of shape: [Int]) throws -> Int {
        guard let count = ONNXConstant.count(of: shape), count <= limit else {
            throw ONNXFault(node, "asks for an array of \(shape)", remedy: "The file is damaged.")
        }
        return count
    }

    func list(_ index: Int, _ attribute: String) throws -> [Int]? {
        guard index - 1 < others.count, let constant = others[index - 1] else { return node.integers(attribute) }
        guard let integers = constant.integers else { throw ONNXFault(node, "takes fractions for \(attribute)") }
        return integers
    }

    func position(_ number: Int, _ rank: Int) throws -> Int {
        guard (-rank..<rank).contains(number) else {
            throw ONNXFault(node, "names the dimension \(number) of \(rank)", remedy: "The file is damaged.")
        }
        return number < 0 ? number + rank : number
    }

    private func mapped(_ change: (Float) -> Float) -> ONNXConstant {
        ONNXConstant(shape: first.shape, floats: first.floats.map(change))
    }

    private func negated() throws -> ONNXConstant {
        guard case .integers(let values) = first.values else { return mapped { -$0 } }
        guard !values.contains(.min) else { throw ONNXFault(node, "overflows") }
        return ONNXConstant(shape: first.shape, integers: values.map { -$0 })
    }

    /// TensorProto's numbers for types: 6 int32, 7 int64 and smaller integers are whole, the others not.
    private func cast() throws -> ONNXConstant {
        guard let type = node.integer("to") else { throw ONNXFault(node, "names no type") }
        if [1, 10, 11, 16].contains(type) { return ONNXConstant(shape: first.shape, floats: first.floats) }
        if type == 9 { return ONNXConstant(shape: first.shape, integers: first.floats.map { $0 != 0 ? 1 : 0 }) }
        guard [2, 3, 4, 5, 6, 7, 12, 13].contains(type) else { throw ONNXFault(node, "makes numbers of type \(type)") }
        if case .integers = first.values { return first }
        let whole = first.floats.map { Int(exactly: $0.rounded(.towardZero)) }
        guard !whole.contains(nil) else {
            throw ONNXFault(node, "makes an integer of what is too large or not a number")
        }
        return ONNXConstant(shape: first.shape, integers: whole.compactMap { $0 })
    }

    private func combined(
        _ floats: (Float, Float) -> Float, _ integers: (Int, Int) -> (partialValue: Int, overflow: Bool)
    ) throws -> ONNXConstant {
        guard let second = others.first ?? nil, let shape = ONNXBroadcast.shape(first.shape, second.shape) else {
            throw ONNXFault(node, "puts numbers together whose shapes do not fit")
        }
        _ = try count(of: shape)
        let (left, right) = (
            ONNXBroadcast.positions(first.shape, in: shape), ONNXBroadcast.positions(second.shape, in: shape)
        )
        if case .integers(let a) = first.values, case .integers(let b) = second.values {
            let results = zip(left, right).map { integers(a[$0], b[$1]) }
            guard !results.contains(where: \.overflow) else { throw ONNXFault(node, "overflows or divides by zero") }
            return ONNXConstant(shape: shape, integers: results.map(\.partialValue))
        }
        let (a, b) = (first.floats, second.floats)
        return ONNXConstant(shape: shape, floats: zip(left, right).map { floats(a[$0], b[$1]) })
    }
}
