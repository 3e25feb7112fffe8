import Tensors

// What gives results another shape.
extension ONNXImport {
    mutating func addFlatten(_ node: ONNXNode) throws {
        let input = try view(node)
        guard try Self.flattenAxis(node, input.axes.count) == 1, input.axes.first == .batch else {
            throw ONNXFault(node, "flattens pictures together")
        }
        define(node, .layer(try flatten(input, node)))
    }

    private mutating func flatten(_ input: ONNXView, _ node: ONNXNode) throws -> ONNXView {
        guard shape(input).isMap else { return ONNXView(input.layer, axes: [.batch, .channels]) }
        return try emit(.flatten(try flattenOrder(input, node)), [input], node)
    }

    mutating func addReshape(_ node: ONNXNode) throws {
        let input = try view(node)
        guard let given = try integers(node, 1, "shape") else { throw ONNXFault(node, "lacks the new shape") }
        let lengths = dimensions(input)
        let target = try resolved(given, lengths, keepsZeros: (node.integer("allowzero") ?? 0) == 0, node)
        define(node, .layer(try reshape(input, to: target, node)))
    }

    /// A target shape with 0, which copies, and -1, which is what is left, replaced by numbers.
    private func resolved(_ target: [Int], _ lengths: [Int], keepsZeros: Bool, _ node: ONNXNode) throws -> [Int] {
        var result = target
        for (index, length) in target.enumerated() where length == 0 && keepsZeros {
            guard index < lengths.count else { throw ONNXFault(node, "copies a dimension that is not there") }
            result[index] = lengths[index]
        }
        let total = lengths.reduce(1, *)
        if let free = result.firstIndex(of: -1) {
            result[free] = 1
            guard let known = DenseTensor.elementCount(of: result), known > 0, total.isMultiple(of: known) else {
                throw ONNXFault(node, "cannot make \(target) of \(lengths)")
            }
            result[free] = total / known
        }
        guard DenseTensor.elementCount(of: result) == total else {
            throw ONNXFault(
                node, "cannot make \(target) of \(lengths)", remedy: "Use the input size that the network was made for."
            )
        }
        return result
    }

    private mutating func reshape(_ input: ONNXView, to target: [Int], _ node: ONNXNode) throws -> ONNXView {
        if let view = regrouped(input, to: target) { return view }
        if let groups = shuffledGroups(input), target == dimensions(ONNXView(input.layer, of: shape(input))) {
            return try emit(.channelShuffle(groups: groups), [input], node)
        }
        guard target.first == batch else {
            throw ONNXFault(node, "makes \(target) of \(dimensions(input)): it mixes pictures")
        }
        if target.count == 2 { return try flatten(input, node) }
        guard target.count == 4 else { throw ONNXFault(node, "makes \(target) of \(dimensions(input))") }
        let vector = try flattened(input, node)
        return try emit(.reshape(.map(channels: target[1], height: target[2], width: target[3])), [vector], node)
    }

    /// The same values seen through other dimensions, where none of them has to move.
    private func regrouped(_ input: ONNXView, to target: [Int]) -> ONNXView? {
        let shape = shape(input)
        let whole = ONNXView(input.layer, of: shape)
        let merged: [ONNXView.Axis] = [.batch, .channels, .positions]
        let candidates = [input.axes.filter { axisLength($0, input) > 1 || $0 == .batch }, whole.axes, merged]
        let isStandard =
            input.axes.filter { axisLength($0, input) > 1 } == whole.axes.filter { axisLength($0, input) > 1 }
        for (index, axes) in candidates.enumerated() where index == 0 || isStandard || isMerged(input) {
            if let axes = spread(axes, of: input, over: target) { return ONNXView(input.layer, axes: axes) }
        }
        guard isStandard, target.count == 5, target[0] == batch, target[1] * target[2] == shape.channels,
            target[3] == shape.height, target[4] == shape.width
        else { return nil }
        return ONNXView(input.layer, axes: [.batch, .group(target[1]), .member(target[2]), .height, .width])
    }

    func axisLength(_ axis: ONNXView.Axis, _ view: ONNXView) -> Int {
        dimensions(ONNXView(view.layer, axes: [axis]))[0]
    }

    private func isMerged(_ view: ONNXView) -> Bool {
        let long = view.axes.filter { axisLength($0, view) > 1 }
        return long == [.channels, .positions] || long == [.batch, .channels, .positions]
    }

    /// `axes` with dimensions of 1 between them so that their lengths are those of `target`; nil where that cannot be.
    private func spread(_ axes: [ONNXView.Axis], of view: ONNXView, over target: [Int]) -> [ONNXView.Axis]? {
        var rest = axes[...]
        var result: [ONNXView.Axis] = []
        for length in target {
            if let next = rest.first, axisLength(next, view) == length {
                result.append(next)
                rest.removeFirst()
            } else if length == 1 {
                result.append(.one)
            } else {
                return nil
            }
        }
        return rest.allSatisfy({ axisLength($0, view) == 1 && $0 != .batch }) ? result : nil
    }

    /// The groups of a channel shuffle: channels seen as groups, and exchanged.
    private func shuffledGroups(_ input: ONNXView) -> Int? {
        guard input.axes.count == 5, case .member = input.axes[1], case .group(let groups) = input.axes[2],
            input.axes[0] == .batch, input.axes[3...] == [.height, .width]
        else { return nil }
        return groups
    }

    mutating func addSqueeze(_ node: ONNXNode) throws {
        let input = try view(node)
        let lengths = dimensions(input)
        let given = try file.opset >= 13 ? integers(node, 1, "axes") : node.integers("axes")
        let removed = try given.map { try Set($0.map { try axis($0, of: lengths.count, node) }) }
        let all = removed ?? Set(lengths.indices.filter { lengths[$0] == 1 && input.axes[$0] != .batch })
        guard all.allSatisfy({ lengths[$0] == 1 && input.axes[$0] != .batch }) else {
            throw ONNXFault(node, "squeezes \(lengths) where it is not 1")
        }
        define(
            node,
            .layer(ONNXView(input.layer, axes: lengths.indices.filter { !all.contains($0) }.map { input.axes[$0] })))
    }

    mutating func addUnsqueeze(_ node: ONNXNode) throws {
        let input = try view(node)
        guard let given = try file.opset >= 13 ? integers(node, 1, "axes") : node.integers("axes") else {
            throw ONNXFault(node, "lacks its axes")
        }
        let rank = input.axes.count + given.count
        let added = Set(try given.map { try axis($0, of: rank, node) })
        guard added.count == given.count, !added.contains(0) else {
            throw ONNXFault(node, "adds dimensions at \(given)")
        }
        var rest = input.axes[...]
        let axes = (0..<rank).map { added.contains($0) ? .one : rest.removeFirst() }
        define(node, .layer(ONNXView(input.layer, axes: axes)))
    }

    mutating func addTranspose(_ node: ONNXNode) throws {
        let input = try view(node)
        let order = node.integers("perm") ?? Array(input.axes.indices.reversed())
        guard order.sorted() == Array(input.axes.indices) else {
            throw ONNXFault(node, "has the order \(order)", remedy: "The file is damaged.")
        }
        define(node, .layer(ONNXView(input.layer, axes: order.map { input.axes[$0] })))
    }
}
