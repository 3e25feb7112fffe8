import Tensors

// What is known before any picture is: shapes, and weights that are computed from weights.
extension ONNXImport {
    /// The result of a node all of whose inputs are numbers; nil for others.
    mutating func folded(_ node: ONNXNode) throws -> ONNXConstant? {
        if node.opType == "Constant" { return try literal(node) }
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
    private func count(of shape: [Int]) throws -> Int {
        guard let count = ONNXConstant.count(of: shape), count <= limit else {
            throw ONNXFault(node, "asks for an array of \(shape)", remedy: "The file is damaged.")
        }
        return count
    }

    private func list(_ index: Int, _ attribute: String) throws -> [Int]? {
        guard index - 1 < others.count, let constant = others[index - 1] else { return node.integers(attribute) }
        guard let integers = constant.integers else { throw ONNXFault(node, "takes fractions for \(attribute)") }
        return integers
    }

    private func position(_ number: Int, _ rank: Int) throws -> Int {
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

    private func gathered() throws -> ONNXConstant {
        guard let indices = others.first ?? nil, let numbers = indices.integers else {
            throw ONNXFault(node, "lacks its positions")
        }
        let axis = try position(node.integer("axis") ?? 0, first.shape.count)
        let length = first.shape[axis]
        let chosen = try numbers.map { number -> Int in
            guard (-length..<length).contains(number) else { throw ONNXFault(node, "takes \(number) of \(length)") }
            return number < 0 ? number + length : number
        }
        let shape = Array(first.shape[..<axis] + indices.shape + first.shape[(axis + 1)...])
        _ = try count(of: shape)
        let inner = first.shape[(axis + 1)...].reduce(1, *)
        let outer = first.shape[..<axis].reduce(1, *)
        let positions = (0..<outer).flatMap { block in
            chosen.flatMap { index in (0..<inner).map { (block * length + index) * inner + $0 } }
        }
        return first.taking(positions, shape: shape)
    }

    private func concatenated() throws -> ONNXConstant {
        let all = [first] + others.compactMap { $0 }
        let axis = try position(node.integer("axis") ?? 0, first.shape.count)
        guard
            all.allSatisfy({ $0.shape.count == first.shape.count }),
            all.allSatisfy({
                $0.shape[..<axis] == first.shape[..<axis] && $0.shape[(axis + 1)...] == first.shape[(axis + 1)...]
            })
        else { throw ONNXFault(node, "puts numbers together whose shapes do not fit") }
        var shape = first.shape
        shape[axis] = all.reduce(0) { $0 + $1.shape[axis] }
        _ = try count(of: shape)
        let outer = first.shape[..<axis].reduce(1, *)
        let lists = all.compactMap { constant -> [Int]? in
            if case .integers(let values) = constant.values { values } else { nil }
        }
        guard lists.count == all.count else {
            return ONNXConstant(shape: shape, floats: Self.interleaved(all.map(\.floats), blocks: outer))
        }
        return ONNXConstant(shape: shape, integers: Self.interleaved(lists, blocks: outer))
    }

    /// The first block of each list, then the second of each, and so on.
    private static func interleaved<Value>(_ lists: [[Value]], blocks: Int) -> [Value] {
        (0..<blocks).flatMap { block in
            lists.flatMap { list in
                let length = list.count / blocks
                return list[block * length..<(block + 1) * length]
            }
        }
    }

    private func sliced() throws -> ONNXConstant {
        let isOld = opset < 10
        guard let starts = isOld ? node.integers("starts") : try list(1, "starts"),
            let ends = isOld ? node.integers("ends") : try list(2, "ends"), starts.count == ends.count
        else { throw ONNXFault(node, "lacks its ranges") }
        let givenAxes = isOld ? node.integers("axes") : try list(3, "axes")
        let axes = givenAxes ?? Array(starts.indices)
        let steps = try list(4, "steps") ?? [Int](repeating: 1, count: starts.count)
        guard axes.count == starts.count, steps.count == starts.count, !steps.contains(0) else {
            throw ONNXFault(node, "has ranges of different numbers", remedy: "The file is damaged.")
        }
        var chosen = first.shape.map { Array(0..<$0) }
        for index in starts.indices {
            let axis = try position(axes[index], first.shape.count)
            chosen[axis] = Self.range(starts[index], ends[index], steps[index], first.shape[axis])
        }
        let strides = ONNXBroadcast.strides(first.shape)
        let positions = zip(chosen, strides).reduce([0]) { positions, dimension in
            positions.flatMap { position in dimension.0.map { position + $0 * dimension.1 } }
        }
        return first.taking(positions, shape: chosen.map(\.count))
    }

    /// The positions of a range as NumPy reads it: from the end where negative, cut to what is there.
    private static func range(_ start: Int, _ end: Int, _ step: Int, _ count: Int) -> [Int] {
        if step > 0 {
            return Array(stride(from: ONNXImport.clamped(start, count), to: ONNXImport.clamped(end, count), by: step))
        }
        let first = min(start < 0 ? max(start, -count - 1) + count : start, count - 1)
        let last = end < 0 ? max(end, -count - 1) + count : min(end, count)
        return Array(stride(from: first, to: max(last, -1), by: step))
    }

    private func transposed(_ order: [Int]) throws -> ONNXConstant {
        guard order.sorted() == Array(first.shape.indices) else {
            throw ONNXFault(node, "has the order \(order)", remedy: "The file is damaged.")
        }
        let strides = ONNXBroadcast.strides(first.shape)
        let shape = order.map { first.shape[$0] }
        return first.taking(ONNXBroadcast.positions(of: shape, strides: order.map { strides[$0] }), shape: shape)
    }

    private func reshaped() throws -> ONNXConstant {
        guard var target = try list(1, "shape") else { throw ONNXFault(node, "lacks the new shape") }
        let copies = (node.integer("allowzero") ?? 0) == 0
        for index in target.indices where target[index] == 0 && copies && index < first.shape.count {
            target[index] = first.shape[index]
        }
        if let free = target.firstIndex(of: -1) {
            target[free] = 1
            let known = ONNXConstant.count(of: target) ?? 0
            guard known > 0, first.count.isMultiple(of: known) else { throw ONNXFault(node, "cannot make \(target)") }
            target[free] = first.count / known
        }
        guard ONNXConstant.count(of: target) == first.count else {
            throw ONNXFault(node, "cannot make \(target)")
        }
        return first.reshaped(target)
    }

    private func rearranged() throws -> ONNXConstant {
        var shape = first.shape
        let axes = try list(1, "axes")
        switch node.opType {
        case "Flatten":
            let axis = try ONNXImport.flattenAxis(node, shape.count)
            shape = [shape[..<axis].reduce(1, *), shape[axis...].reduce(1, *)]
        case "Squeeze":
            let ones = first.shape.indices.filter { first.shape[$0] == 1 }
            let removed = try axes.map { try $0.map { try position($0, first.shape.count) } } ?? ones
            guard Set(removed).isSubset(of: ones) else { throw ONNXFault(node, "squeezes \(shape) where it is not 1") }
            shape = first.shape.indices.filter { !removed.contains($0) }.map { first.shape[$0] }
        default:
            let axes = axes ?? []
            let added = Set(try axes.map { try position($0, first.shape.count + axes.count) })
            guard added.count == axes.count else { throw ONNXFault(node, "adds dimensions at \(axes)") }
            var rest = first.shape[...]
            shape = (0..<first.shape.count + added.count).map { added.contains($0) ? 1 : rest.removeFirst() }
        }
        return first.reshaped(shape)
    }

    private func filled() throws -> ONNXConstant {
        guard let shape = first.integers else { throw ONNXFault(node, "takes fractions for its shape") }
        let count = try count(of: shape)
        guard case .tensor(let tensor)? = node.attributes["value"] else {
            return ONNXConstant(shape: shape, floats: [Float](repeating: 0, count: count))
        }
        let value = try ONNXConstant(tensor)
        guard value.count == 1 else { throw ONNXFault(node, "has \(value.count) values to fill with") }
        switch value.values {
        case .floats(let floats): return ONNXConstant(shape: shape, floats: .init(repeating: floats[0], count: count))
        case .integers(let integers):
            return ONNXConstant(shape: shape, integers: .init(repeating: integers[0], count: count))
        }
    }
}
