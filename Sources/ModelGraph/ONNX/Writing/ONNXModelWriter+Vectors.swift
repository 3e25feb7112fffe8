public import Tensors

/// Steps on vectors, `[batch, length]`, of which heads are made.
extension ONNXModelWriter {
    /// `W x + b`: `weight` is W, shape `[outputs, inputs]`; `bias` is b, none where it is nil.
    public mutating func linear(_ value: String, weight: Matrix, bias: [Float]? = nil, named name: String) -> String {
        precondition(bias.map { $0.count == weight.rows } ?? true, "a bias of \(bias?.count ?? 0) for \(weight.rows)")
        var inputs = [value, constant([weight.rows, weight.columns], weight.elements, named: "\(name).weight")]
        if let bias { inputs.append(constant([bias.count], bias, named: "\(name).bias")) }
        return node("Gemm", inputs, [.int("transB", 1)], named: name)
    }

    /// max(x, 0)
    public mutating func rectified(_ value: String, named name: String) -> String { node("Relu", [value], named: name) }

    /// x - c, `vector` being c.
    public mutating func subtracting(_ vector: [Float], from value: String, named name: String) -> String {
        node("Sub", [value, constant([1, vector.count], vector, named: "\(name).vector")], named: name)
    }

    /// x + a y
    public mutating func adding(
        _ other: String, times factor: Float, to value: String, named name: String
    ) -> String {
        let scaled = node("Mul", [other, constant([], [factor], named: "\(name).factor")], named: "\(name).scaled")
        return node("Add", [value, scaled], named: name)
    }

    /// x / max(|x|, 1e-12), as `torch.nn.functional.normalize` does.
    public mutating func normalized(_ value: String, named name: String) -> String {
        let length = node("ReduceL2", [value], [.ints("axes", [1]), .int("keepdims", 1)], named: "\(name).length")
        let smallest = constant([], [1e-12], named: "\(name).smallest")
        return node("Div", [value, node("Max", [length, smallest], named: "\(name).divisor")], named: name)
    }
}
