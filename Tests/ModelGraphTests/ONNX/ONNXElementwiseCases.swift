extension ONNXCase {
    /// What works value by value, and dense layers.
    static let elementwise: [ONNXCase] = activations + clips + arithmetic + dense

    private static func activation(
        _ opType: String, _ settings: [String: ONNXSetting] = [:], opset: Int64 = 13
    ) -> ONNXCase {
        let name = ([opType.lowercased()] + settings.keys.sorted()).joined(separator: "-")
        return ONNXCase(name, opset: opset) { $0.node(opType, ["x"], settings) }
    }

    private static let activations: [ONNXCase] = [
        activation("Relu"), activation("LeakyRelu"), activation("LeakyRelu", ["alpha": 0.3]), activation("Sigmoid"),
        activation("HardSigmoid"), activation("HardSigmoid", ["alpha": 0.25, "beta": 0.4]),
        activation("HardSwish", opset: 14), activation("Tanh"), activation("Elu", ["alpha": 1.5]),
        activation("Gelu", opset: 20), activation("Softmax", ["axis": 1]),
        ONNXCase("softmax-11", opset: 11) { $0.node("Softmax", [$0.node("GlobalMaxPool", ["x"])]) },
        ONNXCase("softmax-last", opset: 13) {
            let last = $0.node("Transpose", ["x"], ["perm": [0, 2, 3, 1]])
            $0.node("Transpose", [$0.node("Softmax", [last])], ["perm": [0, 3, 1, 2]])
        },
    ]

    private static let clips: [ONNXCase] = [
        ONNXCase("clip-attributes", opset: 10) { $0.node("Clip", ["x"], ["min": -0.25, "max": 1.0]) },
        ONNXCase("clip-six", opset: 13) { $0.node("Clip", ["x", $0.floats([], [0]), $0.floats([], [6])]) },
        ONNXCase("clip-low", opset: 13) { $0.node("Clip", ["x", $0.floats([], [-0.5])]) },
        ONNXCase("clip-high", opset: 13) { $0.node("Clip", ["x", "", $0.floats([], [0.5])]) },
    ]

    private static let arithmetic: [ONNXCase] = [
        ONNXCase("scalar") {
            let sum = $0.node("Add", ["x", $0.floats([], [0.5])])
            let difference = $0.node("Sub", [$0.floats([1], [2]), sum])
            $0.node("Div", [$0.node("Mul", [difference, $0.floats([1, 1], [3])]), $0.floats([], [4])])
        },
        ONNXCase("per-channel") {
            let sum = $0.node("Add", ["x", $0.weights([3, 1, 1])])
            let product = $0.node("Mul", [$0.weights([1, 3, 1, 1]), sum])
            $0.node("Div", [$0.node("Sub", [product, $0.weights([3, 1, 1])]), $0.positives([1, 3, 1, 1])])
        },
        ONNXCase("two-layers") {
            let (a, b) = ($0.node("Sigmoid", ["x"]), $0.node("Relu", ["x"]))
            $0.node("Div", [$0.node("Sub", [$0.node("Mul", [a, b]), $0.node("Add", [a, "x"])]), a])
        },
        ONNXCase("squeeze-and-excite") {
            let pooled = $0.node("GlobalAveragePool", ["x"])
            let narrow = $0.node("Relu", [$0.node("Conv", [pooled, $0.weights([2, 3, 1, 1]), $0.weights([2])])])
            let gate = $0.node("HardSigmoid", [$0.node("Conv", [narrow, $0.weights([3, 2, 1, 1])])])
            $0.node("Mul", [gate, "x"])
        },
        ONNXCase("squeeze-and-excite-vector") {
            let pooled = $0.node("ReduceMean", ["x"], ["axes": [2, 3], "keepdims": 0])
            let gate = $0.node("Sigmoid", [$0.node("Gemm", [pooled, $0.weights([3, 3])], ["transB": 1])])
            $0.node("Mul", ["x", $0.node("Unsqueeze", [gate, $0.integers([2, 3])])])
        },
        ONNXCase("silu") { $0.node("Mul", ["x", $0.node("Sigmoid", ["x"])]) },
        ONNXCase("hard-swish") {
            let gate = $0.node("HardSigmoid", ["x"], ["alpha": .float(1 / 6), "beta": 0.5])
            $0.node("Mul", [gate, "x"])
        },
        ONNXCase("batch-normalization") {
            let (scale, shift, mean) = ($0.weights([3]), $0.weights([3]), $0.weights([3]))
            $0.node("BatchNormalization", ["x", scale, shift, mean, $0.positives([3])], ["epsilon": 0.125])
        },
    ]

    private static let dense: [ONNXCase] = [
        ONNXCase("gemm") {
            let vector = $0.node("Flatten", [$0.node("GlobalAveragePool", ["x"])])
            $0.node("Gemm", [vector, $0.weights([3, 4]), $0.weights([4])], ["alpha": 0.5, "beta": 2.0])
        },
        ONNXCase("gemm-transposed") {
            let vector = $0.node("Flatten", ["x"])
            $0.node("Gemm", [vector, $0.weights([2, 126]), $0.weights([1])], ["transB": 1])
        },
        ONNXCase("matmul") {
            let vector = $0.node("Flatten", ["x"], ["axis": -3])
            $0.node("Add", [$0.node("MatMul", [vector, $0.weights([126, 5])]), $0.weights([5])])
        },
    ]
}
