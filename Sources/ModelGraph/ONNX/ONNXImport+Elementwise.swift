import Tensors

// What works value by value.
extension ONNXImport {
    mutating func addActivation(_ activation: Activation, _ node: ONNXNode) throws {
        try emitElementwise(.activation(activation), try view(node), node)
    }

    mutating func addClip(_ node: ONNXNode) throws {
        func bound(_ index: Int, _ attribute: String, else unbounded: Float) throws -> Float {
            let given = file.opset >= 11 ? try constant(node, index).map { $0.scalar ?? .nan } : node.float(attribute)
            guard let value = given else { return unbounded }
            guard !value.isNaN else { throw ONNXFault(node, "has a bound that is no number") }
            return min(max(value, -.greatestFiniteMagnitude), .greatestFiniteMagnitude)
        }
        let low = try bound(1, "min", else: -.greatestFiniteMagnitude)
        let high = try bound(2, "max", else: .greatestFiniteMagnitude)
        guard low <= high else { throw ONNXFault(node, "has the bounds \(low) and \(high)") }
        let activation: Activation =
            switch (low, high) {
            case (0, 6): .relu6
            case (0, .greatestFiniteMagnitude): .relu
            default: .clip(low: low, high: high)
            }
        try addActivation(activation, node)
    }

    mutating func addGelu(_ node: ONNXNode) throws {
        guard node.string("approximate") ?? "none" == "none" else {
            throw ONNXFault(
                node, "is approximated by '\(node.string("approximate") ?? "")'; supported is the exact one")
        }
        try addActivation(.gelu, node)
    }

    mutating func addSoftmax(_ node: ONNXNode) throws {
        let input = try view(node)
        // Before version 13 everything from the axis on is one dimension.
        let number = try axis(node.integer("axis") ?? (file.opset >= 13 ? -1 : 1), of: input.axes.count, node)
        let isAlone = dimensions(input)[(number + 1)...].allSatisfy { $0 == 1 }
        guard input.axes[number] == .channels, isAlone || file.opset >= 13 else {
            throw ONNXFault(node, "is taken over another dimension than the channels")
        }
        try emitElementwise(.softmax, input, node)
    }

    mutating func addArithmetic(_ arithmetic: Arithmetic, _ node: ONNXNode) throws {
        guard let first = try value(node, 0), let second = try value(node, 1) else {
            throw ONNXFault(node, "lacks an input")
        }
        switch (first, second) {
        case (.layer(let view), .constant(let constant)):
            let affine = try self.affine(arithmetic, constant, on: view, isFirst: false, node)
            try emitElementwise(affine, try padded(view, node), node)
        case (.constant(let constant), .layer(let view)):
            let affine = try self.affine(arithmetic, constant, on: view, isFirst: true, node)
            try emitElementwise(affine, try padded(view, node), node)
        case (.layer(let first), .layer(let second)):
            try addArithmetic(arithmetic, try padded(first, node), try padded(second, node), node)
        default: throw ONNXFault(node, "has inputs that cannot be put together")
        }
    }

    private mutating func addArithmetic(
        _ arithmetic: Arithmetic, _ first: ONNXView, _ second: ONNXView, _ node: ONNXNode
    ) throws {
        if arithmetic == .multiply, let (input, activation) = gate(first, second) ?? gate(second, first) {
            return try emitElementwise(.activation(activation), input, node)
        }
        guard first.axes.count == second.axes.count,
            zip(first.axes, second.axes).allSatisfy({ areTogether($0, of: first, $1, of: second) })
        else { throw ONNXFault(node, "puts \(dimensions(first)) and \(dimensions(second)) together") }
        // A vector goes with a map as one value a channel.
        let needsMaps = shape(first).isMap || shape(second).isMap
        let (left, right) = needsMaps ? (try asMap(first, node), try asMap(second, node)) : (first, second)
        let result = try emit(.arithmetic(arithmetic), [left, right], node)
        let larger = shape(left) == shape(result) ? first : second
        define(node, .layer(ONNXView(result.layer, axes: larger.axes)))
    }

    /// Whether two dimensions that stand at one place are the same in their layers, or one is 1 in both ways of seeing it.
    private func areTogether(
        _ left: ONNXView.Axis, of first: ONNXView, _ right: ONNXView.Axis, of second: ONNXView
    ) -> Bool {
        left == right || (axisLength(left, first) == 1 && axisLength(right, first) == 1)
            || (axisLength(right, second) == 1 && axisLength(left, second) == 1)
    }

    /// x * sigmoid(x) and x * hardsigmoid(x) are activations of their own.
    private func gate(_ input: ONNXView, _ gated: ONNXView) -> (ONNXView, Activation)? {
        guard let layer = layer(gated), layer.inputs == [input.layer], gated.axes == input.axes else { return nil }
        switch layer.operation {
        case .activation(.sigmoid): return (input, .silu)
        case .activation(.hardSigmoid(let slope, 0.5)) where abs(slope - 1 / 6) < 1e-6: return (input, .hardSwish)
        default: return nil
        }
    }

    /// Arithmetic with numbers, one for all or one a channel, as `x * scale + shift`.
    private func affine(
        _ arithmetic: Arithmetic, _ constant: ONNXConstant, on view: ONNXView, isFirst: Bool, _ node: ONNXNode
    ) throws -> Operation {
        let numbers = try perChannel(constant, on: view, node)
        let ones = [Float](repeating: 1, count: numbers.count)
        let zeros = [Float](repeating: 0, count: numbers.count)
        let (scale, shift): ([Float], [Float])
        switch (arithmetic, isFirst) {
        case (.add, _): (scale, shift) = (ones, numbers)
        case (.subtract, false): (scale, shift) = (ones, numbers.map { -$0 })
        case (.subtract, true): (scale, shift) = (ones.map { -$0 }, numbers)
        case (.multiply, _): (scale, shift) = (numbers, zeros)
        case (.divide, false): (scale, shift) = (numbers.map { 1 / $0 }, zeros)
        case (.divide, true): throw ONNXFault(node, "divides a number by what depends on the picture")
        }
        guard (scale + shift).allSatisfy(\.isFinite) else {
            throw ONNXFault(node, "has numbers that give no finite result")
        }
        return .batchNormalization(.affine(scale: scale, shift: shift))
    }

    private func perChannel(_ constant: ONNXConstant, on view: ONNXView, _ node: ONNXNode) throws -> [Float] {
        let channels = shape(view).channels
        if let scalar = constant.scalar, constant.shape.count <= view.axes.count {
            return [Float](repeating: scalar, count: channels)
        }
        let varying = constant.shape.indices.filter { constant.shape[$0] > 1 }
        let offset = view.axes.count - constant.shape.count
        guard varying.count == 1, offset >= 0, view.axes[varying[0] + offset] == .channels, constant.count == channels
        else {
            throw ONNXFault(
                node,
                "has numbers of shape \(constant.shape) for \(dimensions(view)); supported are one number a channel")
        }
        return constant.floats
    }
}
