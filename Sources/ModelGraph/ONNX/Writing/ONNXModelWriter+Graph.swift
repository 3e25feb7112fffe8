import Tensors

extension ONNXModelWriter {
    /// Adds the layers of `network` for pictures of one size, `value` being the picture, `[batch, channels, height, width]`; returns the
    /// name of the last one's result. Names of layers become names of nodes. Throws `InputError` naming a layer that cannot take what it
    /// is given, or that opset 17 has no operator for.
    public mutating func append(
        _ network: ModelGraph, to value: String, height: Int, width: Int
    ) throws -> String {
        let shapes = try network.shapes(height: height, width: width)
        var values = [ModelGraph.inputName: value]
        for layer in network.layers {
            let inputs = layer.inputs.compactMap { values[$0] }
            guard let given = shapes[layer.inputs[0]], let made = shapes[layer.name] else {
                preconditionFailure("layer \(layer.name) has no shape")
            }
            values[layer.name] = try append(layer, inputs, from: given, to: made)
        }
        guard let result = values[network.outputName] else { preconditionFailure("the last layer has no result") }
        return result
    }

    private mutating func append(
        _ layer: Layer, _ inputs: [String], from given: FeatureShape, to made: FeatureShape
    ) throws -> String {
        let (name, first) = (layer.name, inputs[0])
        switch layer.operation {
        case .convolution(let convolution): return append(convolution, first, given, name)
        case .batchNormalization(let normalization): return append(normalization, first, name)
        case .activation(let activation): return append(activation, first, name)
        case .maxPool(let window): return append(maxPool: window, first, given, name)
        case .averagePool(let window, let countsPadding):
            return try append(averagePool: window, countsPadding, first, given, name)
        case .globalPool(let pool): return append(pool, first, name)
        case .arithmetic(let arithmetic): return node(arithmetic.operatorName, inputs, named: name)
        case .concatenate: return node("Concat", inputs, [.int("axis", 1)], named: name)
        case .slice(let slice): return append(slice, first, name)
        case .channelShuffle(let groups): return shuffled(first, groups, given.dimensions, name)
        case .flatten(let order):
            let ordered =
                order == .channelsFirst || given.dimensions.count == 1
                ? first : node("Transpose", [first], [.ints("perm", [0, 2, 3, 1])], named: "\(name).positions")
            return node("Flatten", [ordered], [.int("axis", 1)], named: name)
        case .reshape: return reshaped(first, made.dimensions, name)
        case .softmax: return node("Softmax", [first], [.int("axis", 1)], named: name)
        case .linear(let linear):
            let weight = Matrix(rows: linear.outputs, columns: linear.inputs, elements: linear.weight.elements)
            return self.linear(first, weight: weight, bias: linear.bias?.elements, named: name)
        case .identity: return node("Identity", [first], named: name)
        }
    }

    private mutating func append(
        _ convolution: Convolution, _ value: String, _ given: FeatureShape, _ name: String
    ) -> String {
        let weight = convolution.weight
        var inputs = [value, constant(weight.shape, weight.elements, named: "\(name).weight")]
        if let bias = convolution.bias { inputs.append(constant(bias.shape, bias.elements, named: "\(name).bias")) }
        let attributes = convolution.window.attributes(on: given, isCovering: false)
        return node("Conv", inputs, attributes + [.int("group", convolution.groups)], named: name)
    }

    private mutating func append(_ normalization: BatchNormalization, _ value: String, _ name: String) -> String {
        let parts = [
            ("scale", normalization.scale), ("shift", normalization.shift), ("mean", normalization.mean),
            ("variance", normalization.variance),
        ]
        let numbers = parts.map { constant($1.shape, $1.elements, named: "\(name).\($0)") }
        return node("BatchNormalization", [value] + numbers, [.float("epsilon", normalization.epsilon)], named: name)
    }

    /// Padding of the largest value's pool never counts, so that what hangs over the edge may be padded too.
    private mutating func append(
        maxPool window: Window, _ value: String, _ given: FeatureShape, _ name: String
    ) -> String {
        node("MaxPool", [value], window.attributes(on: given, isCovering: true), named: name)
    }

    private mutating func append(
        averagePool window: Window, _ countsPadding: Bool, _ value: String, _ given: FeatureShape, _ name: String
    ) throws -> String {
        guard window.dilationDown == 1, window.dilationAcross == 1 else {
            throw InputError(
                "layer '\(name)'", "averages over a dilated window, which ONNX's opset \(Self.opset) cannot",
                remedy: "Cut before it.")
        }
        let attributes =
            window.attributes(on: given, isCovering: !countsPadding).filter { attribute in
                if case .ints("dilations", _) = attribute { false } else { true }
            } + [.int("count_include_pad", countsPadding ? 1 : 0)]
        let rounding: [Attribute] = window.roundsUp && countsPadding ? [.int("ceil_mode", 1)] : []
        return node("AveragePool", [value], attributes + rounding, named: name)
    }

    private mutating func append(_ pool: GlobalPool, _ value: String, _ name: String) -> String {
        switch pool {
        case .average: return node("GlobalAveragePool", [value], named: name)
        case .max: return node("GlobalMaxPool", [value], named: name)
        case .generalizedMean(let exponent, let epsilon):
            let floor = constant([], [epsilon], named: "\(name).epsilon")
            let (power, root) = (
                constant([], [exponent], named: "\(name).exponent"),
                constant([], [1 / exponent], named: "\(name).root")
            )
            let positive = node("Max", [value, floor], named: "\(name).positive")
            let raised = node("Pow", [positive, power], named: "\(name).raised")
            let mean = node("GlobalAveragePool", [raised], named: "\(name).mean")
            return node("Pow", [mean, root], named: name)
        }
    }

    private mutating func append(_ slice: Slice, _ value: String, _ name: String) -> String {
        let parts = zip(1..., [slice.channels, slice.rows, slice.columns]).compactMap { axis, extent in
            extent.map { (axis: axis, extent: $0) }
        }
        guard !parts.isEmpty else { return node("Identity", [value], named: name) }
        let ends = parts.map { $0.extent.start + ($0.extent.count - 1) * $0.extent.step + 1 }
        let inputs = [
            constant(parts.map(\.extent.start), named: "\(name).starts"), constant(ends, named: "\(name).ends"),
            constant(parts.map(\.axis), named: "\(name).axes"),
            constant(parts.map(\.extent.step), named: "\(name).steps"),
        ]
        return node("Slice", [value] + inputs, named: name)
    }

    private mutating func shuffled(_ value: String, _ groups: Int, _ dimensions: [Int], _ name: String) -> String {
        let split = [groups, dimensions[0] / groups] + dimensions.dropFirst()
        let order = [0, 2, 1] + Array(3..<max(3, split.count + 1))
        let apart = reshaped(value, split, "\(name).groups")
        let turned = node("Transpose", [apart], [.ints("perm", order)], named: "\(name).turned")
        return reshaped(turned, dimensions, name)
    }

    /// A 0 stands for the batch's length, as it is.
    private mutating func reshaped(_ value: String, _ dimensions: [Int], _ name: String) -> String {
        node("Reshape", [value, constant([0] + dimensions, named: "\(name).shape")], named: name)
    }
}

extension Arithmetic {
    fileprivate var operatorName: String {
        switch self {
        case .add: "Add"
        case .subtract: "Sub"
        case .multiply: "Mul"
        case .divide: "Div"
        }
    }
}

extension Window {
    /// What Conv and the pools want to know, for a map of a shape; with `isCovering` the padding reaches as far as windows do that hang over
    /// the edge.
    fileprivate func attributes(on shape: FeatureShape, isCovering: Bool) -> [ONNXModelWriter.Attribute] {
        let (mapHeight, mapWidth) = (shape.dimensions[1], shape.dimensions[2])
        let pads =
            isCovering
            ? coveringPadding(height: mapHeight, width: mapWidth) : resolvedPadding(height: mapHeight, width: mapWidth)
        return [
            .ints("kernel_shape", [height, width]), .ints("strides", [strideDown, strideAcross]),
            .ints("dilations", [dilationDown, dilationAcross]),
            .ints("pads", [pads.top, pads.left, pads.bottom, pads.right]),
        ]
    }
}
