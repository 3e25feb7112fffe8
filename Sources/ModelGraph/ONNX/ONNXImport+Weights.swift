import Tensors

// Layers with weights.
extension ONNXImport {
    mutating func addConvolution(_ node: ONNXNode) throws {
        let input = try mapView(try unpaddedView(node), node)
        let weight = try tensor(node, 1, rank: 4)
        let groups = node.integer("group") ?? 1
        guard groups > 0, weight.shape[0].isMultiple(of: groups) else {
            throw ONNXFault(node, "has weights \(weight.shape) in \(groups) groups", remedy: "The file is damaged.")
        }
        if let kernel = node.integers("kernel_shape"), kernel != Array(weight.shape[2...]) {
            throw ONNXFault(
                node, "has a kernel of \(kernel) and weights \(weight.shape)", remedy: "The file is damaged.")
        }
        let window = try window(node, size: Array(weight.shape[2...]), on: input)
        let bias = try constant(node, 2).map { try vector($0, weight.shape[0], node) }
        let convolution = Convolution(weight: weight, bias: bias, groups: groups, window: window)
        define(node, .layer(try emit(.convolution(convolution), [ONNXView(input.layer, axes: input.axes)], node)))
    }

    mutating func addBatchNormalization(_ node: ONNXNode) throws {
        let input = try view(node)
        guard node.integer("training_mode") ?? 0 == 0, node.integer("spatial") ?? 1 == 1 else {
            throw ONNXFault(node, "is exported for training", remedy: "Export the network in evaluation mode.")
        }
        guard input.axes.count > 1, input.axes[1] == .channels else {
            throw ONNXFault(node, "normalizes another dimension than the channels")
        }
        let channels = shape(input).channels
        let tensors = try (1...4).map { index in
            guard let constant = try constant(node, index) else { throw ONNXFault(node, "lacks its input \(index)") }
            return try vector(constant, channels, node)
        }
        let normalization = BatchNormalization(
            scale: tensors[0], shift: tensors[1], mean: tensors[2], variance: tensors[3],
            epsilon: try node.finite("epsilon", else: 1e-5))
        try emitElementwise(.batchNormalization(normalization), input, node)
    }

    mutating func addGemm(_ node: ONNXNode) throws {
        guard node.integer("transA") ?? 0 == 0 else { throw ONNXFault(node, "transposes the picture's side") }
        let input = try vectorView(try view(node), node)
        var weight = try tensor(node, 1, rank: 2)
        if node.integer("transB") ?? 0 == 0 { weight = weight.transposed }
        weight = try finite(weight.scaled(by: try node.finite("alpha", else: 1)), node)
        let beta = try node.finite("beta", else: 1)
        let bias = try constant(node, 2).map { try finite(vector($0, weight.shape[0], node).scaled(by: beta), node) }
        define(node, .layer(try emit(.linear(Linear(weight: weight, bias: bias)), [input], node)))
    }

    /// The picture's side times a matrix: a dense layer of a vector, a convolution of 1 x 1 of a map whose channels come last.
    mutating func addMatMul(_ node: ONNXNode) throws {
        let input = try view(node)
        let weight = try tensor(node, 1, rank: 2).transposed
        guard input.axes.last == .channels else {
            throw ONNXFault(node, "multiplies another dimension than the channels")
        }
        if !shape(input).isMap || shape(input).height * shape(input).width == 1 {
            let result = try emit(.linear(Linear(weight: weight)), [try flattened(input, node)], node)
            let axes = input.axes.map { $0 == .height || $0 == .width || $0 == .positions ? .one : $0 }
            return define(node, .layer(ONNXView(result.layer, axes: axes)))
        }
        let kernels = DenseTensor(shape: weight.shape + [1, 1], elements: weight.elements)
        try emitElementwise(.convolution(Convolution(weight: kernels, padding: .all(0))), input, node)
    }

    /// A weight of `rank` dimensions.
    private func tensor(_ node: ONNXNode, _ index: Int, rank: Int) throws -> DenseTensor {
        guard let constant = try constant(node, index) else { throw ONNXFault(node, "lacks its weights") }
        guard constant.shape.count == rank, constant.count > 0 else {
            throw ONNXFault(node, "has weights \(constant.shape); supported are \(rank) dimensions")
        }
        return try finite(constant.tensor, node)
    }

    /// One number a channel, or one for all.
    private func vector(_ constant: ONNXConstant, _ count: Int, _ node: ONNXNode) throws -> DenseTensor {
        guard constant.count == count || constant.count == 1 else {
            throw ONNXFault(
                node, "has \(constant.count) numbers for \(count) channels", remedy: "The file is damaged.")
        }
        let values = constant.floats
        let elements = values.count == count ? values : [Float](repeating: values[0], count: count)
        return try finite(DenseTensor(shape: [count], elements: elements), node)
    }

    /// A NaN would not show in the features, since ReLU makes it 0.
    private func finite(_ tensor: DenseTensor, _ node: ONNXNode) throws -> DenseTensor {
        guard tensor.elements.allSatisfy(\.isFinite) else {
            throw ONNXFault(
                node, "has weights that are NaN or infinite",
                remedy: "The file is damaged, or its training diverged; use other weights.")
        }
        return tensor
    }
}

extension DenseTensor {
    /// A matrix with rows and columns exchanged.
    fileprivate var transposed: DenseTensor {
        let (rows, columns) = (shape[0], shape[1])
        let values = elements.withUnsafeBufferPointer { source in
            [Float](unsafeUninitializedCapacity: source.count) { target, count in
                for column in 0..<columns {
                    for row in 0..<rows {
                        target.initializeElement(at: column * rows + row, to: source[row * columns + column])
                    }
                }
                count = source.count
            }
        }
        return DenseTensor(shape: [columns, rows], elements: values)
    }

    fileprivate func scaled(by factor: Float) -> DenseTensor {
        factor == 1 ? self : DenseTensor(shape: shape, elements: elements.map { $0 * factor })
    }
}
