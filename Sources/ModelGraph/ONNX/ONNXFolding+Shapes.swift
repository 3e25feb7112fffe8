import Tensors

// What moves numbers about, and repeats them.
extension ONNXFolding {
    func gathered() throws -> ONNXConstant {
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

    func concatenated() throws -> ONNXConstant {
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

    func sliced() throws -> ONNXConstant {
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

    func transposed(_ order: [Int]) throws -> ONNXConstant {
        guard order.sorted() == Array(first.shape.indices) else {
            throw ONNXFault(node, "has the order \(order)", remedy: "The file is damaged.")
        }
        let strides = ONNXBroadcast.strides(first.shape)
        let shape = order.map { first.shape[$0] }
        return first.taking(ONNXBroadcast.positions(of: shape, strides: order.map { strides[$0] }), shape: shape)
    }

    func reshaped() throws -> ONNXConstant {
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

    func rearranged() throws -> ONNXConstant {
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

    func filled() throws -> ONNXConstant {
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
