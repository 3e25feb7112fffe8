import Tensors

/// Turns the nodes of an ONNX file into layers, for pictures of one size. What follows from shapes and initializers alone is
/// computed here; what cannot be imported is an error only where the network's output needs it.
struct ONNXImport {
    let file: ONNXFile
    /// How many pictures the file's shapes are for.
    let batch: Int
    private(set) var layers: [Layer] = []
    private(set) var shapes: [String: FeatureShape] = [:]
    private var values: [String: ONNXValue] = [:]
    private var names: Set<String> = [ModelGraph.inputName]
    /// From which number on a name that is taken was not tried yet.
    private var numbers: [String: Int] = [:]
    private var positions: [String: Int] = [:]
    /// How many numbers may still be computed from numbers: a small file must not ask for much memory.
    var foldingBudget: Int
    /// What numbers in the file add to it: weights may be turned, scaled and shifted.
    static func foldingRoom(_ count: Int) -> Int { 8 * count }
    /// The first node that cannot be imported.
    private(set) var firstFailure: (any Error)?

    /// Imports all nodes of `file` for an input of `input`.
    init(_ file: ONNXFile, input: ONNXInput) throws {
        (self.file, batch) = (file, input.batch)
        let stored = file.initializers.values.reduce(0) { $0 + $1.dims.reduce(1, *) }
        foldingBudget = 1 << 22 + Self.foldingRoom(stored)
        shapes[ModelGraph.inputName] = .map(channels: input.channels, height: input.height, width: input.width)
        values[input.name] = .layer(ONNXView(ModelGraph.inputName, axes: input.axes))
        for (name, tensor) in file.initializers { values[name] = .constant(try ONNXConstant(tensor)) }
        for node in file.nodes {
            do { try add(node) } catch {
                firstFailure = firstFailure ?? error
                for output in node.outputs where !output.isEmpty { values[output] = .unavailable(error) }
            }
        }
    }

    private mutating func add(_ node: ONNXNode) throws {
        // What is wrong with an input is what is to be told.
        for index in node.inputs.indices { _ = try value(node, index) }
        guard let handler = Self.handlers[node.opType] else { throw unsupported(node) }
        if let constant = try folded(node) { return define(node, .constant(constant)) }
        try handler(&self, node)
    }

    // MARK: - What nodes take

    /// The value of an input; nil where the node leaves it out.
    func value(_ node: ONNXNode, _ index: Int) throws -> ONNXValue? {
        guard index < node.inputs.count, !node.inputs[index].isEmpty else { return nil }
        guard let value = values[node.inputs[index]] else {
            throw ONNXFault(node, "takes '\(node.inputs[index])', which nothing gives")
        }
        if case .unavailable(let error) = value { throw error }
        return value
    }

    /// A layer's result that a node takes, with the zeros around it left for a convolution to add.
    func unpaddedView(_ node: ONNXNode, _ index: Int = 0) throws -> ONNXView {
        guard case .layer(let view)? = try value(node, index) else {
            throw ONNXFault(node, "takes numbers where a layer's result is expected")
        }
        return view
    }

    /// A layer's result that a node takes.
    mutating func view(_ node: ONNXNode, _ index: Int = 0) throws -> ONNXView {
        try padded(try unpaddedView(node, index), node)
    }

    /// Numbers that a node takes; nil where it leaves them out.
    func constant(_ node: ONNXNode, _ index: Int) throws -> ONNXConstant? {
        switch try value(node, index) {
        case nil: return nil
        case .constant(let constant): return constant
        default: throw ONNXFault(node, "computes its input \(index) from the picture, where numbers are expected")
        }
    }

    /// Whole numbers that a node takes as an input, or as an attribute in older versions.
    func integers(_ node: ONNXNode, _ index: Int, _ attribute: String) throws -> [Int]? {
        guard let constant = try constant(node, index) else { return node.integers(attribute) }
        guard let integers = constant.integers else { throw ONNXFault(node, "takes fractions for \(attribute)") }
        return integers
    }

    func shape(_ view: ONNXView) -> FeatureShape {
        guard let shape = shapes[view.layer] else { preconditionFailure("\(view.layer) has no shape") }
        return shape
    }

    func dimensions(_ view: ONNXView) -> [Int] { view.dimensions(of: shape(view), batch: batch) }

    /// The layer that gave a view.
    func layer(_ view: ONNXView) -> Layer? { positions[view.layer].map { layers[$0] } }

    // MARK: - What nodes give

    mutating func define(_ node: ONNXNode, _ value: ONNXValue, output: Int = 0) {
        guard output < node.outputs.count, !node.outputs[output].isEmpty else { return }
        values[node.outputs[output]] = value
    }

    /// The most values that a layer may give for all pictures of a batch.
    private static let largestResult = 1 << 31

    /// Appends a layer called after `node` and returns how its result is seen.
    mutating func emit(
        _ operation: Operation, _ inputs: [ONNXView], _ node: ONNXNode, suffix: String = ""
    ) throws -> ONNXView {
        guard let shape = operation.outputShape(of: inputs.map(shape)) else {
            let given = inputs.map { shape($0).description }.joined(separator: " and ")
            throw ONNXFault(node, "cannot take \(given)", remedy: "Use the input size that the network was made for.")
        }
        guard let count = DenseTensor.elementCount(of: [batch] + shape.dimensions), count <= Self.largestResult else {
            throw ONNXFault(node, "gives \(shape) a picture, more than can be held", remedy: "The file is damaged.")
        }
        let name = uniqueName(node.name + suffix)
        positions[name] = layers.count
        layers.append(Layer(name, operation, inputs: inputs.map(\.layer)))
        shapes[name] = shape
        return ONNXView(name, of: shape)
    }

    /// Appends a layer that keeps the order of dimensions of its input, and defines the node's output.
    mutating func emitElementwise(_ operation: Operation, _ input: ONNXView, _ node: ONNXNode) throws {
        let result = try emit(operation, [input], node)
        define(node, .layer(ONNXView(result.layer, axes: input.axes)))
    }

    private mutating func uniqueName(_ name: String) -> String {
        let name = String(name.drop { $0 == "/" })
        var unique = name
        var number = numbers[name] ?? 1
        while unique.isEmpty || !names.insert(unique).inserted {
            unique = "\(name)_\(number)"
            number += 1
        }
        if unique != name { numbers[name] = number }
        return unique
    }

    /// The layer that gives an output of the file, with zeros around it that nothing added yet.
    mutating func output(_ name: String) throws -> String {
        let view = try view(ofOutput: name)
        guard let node = file.nodes.first(where: { $0.outputs.contains(name) }) else { return view.layer }
        return try padded(view, node).layer
    }

    /// How an output of a node is seen.
    func view(ofOutput name: String) throws -> ONNXView {
        switch values[name] {
        case .layer(let view): return view
        case .unavailable(let error): throw error
        case .constant:
            throw InputError(
                "output '\(name)'", "does not depend on the picture",
                remedy: "Export the network with its features first.")
        case nil: throw InputError("output '\(name)'", "is given by no node", remedy: "The file is damaged.")
        }
    }
}
