extension ONNXCase {
    /// Convolutions and pools.
    static let windows: [ONNXCase] = convolutions + pools + reductions

    private static let convolutions: [ONNXCase] = [
        ONNXCase("conv-uneven-padding") {
            $0.node(
                "Conv", ["x", $0.weights([4, 3, 3, 3]), $0.weights([4])], ["pads": [1, 0, 2, 1], "strides": [2, 1]])
        },
        ONNXCase("conv-groups-dilated") {
            $0.node(
                "Conv", ["x", $0.weights([6, 1, 3, 2])],
                ["group": 3, "dilations": [2, 3], "kernel_shape": [3, 2], "pads": [2, 1, 2, 1]])
        },
        ONNXCase("conv-same-upper") {
            $0.node("Conv", ["x", $0.weights([2, 3, 3, 4])], ["auto_pad": "SAME_UPPER", "strides": [2, 2]])
        },
        ONNXCase("conv-same-lower") {
            $0.node("Conv", ["x", $0.weights([2, 3, 3, 4])], ["auto_pad": "SAME_LOWER", "strides": [2, 2]])
        },
        ONNXCase("conv-valid") { $0.node("Conv", ["x", $0.weights([2, 3, 2, 2])], ["auto_pad": "VALID"]) },
    ]

    private static let pools: [ONNXCase] = [
        ONNXCase("maxpool-ceil") {
            $0.node(
                "MaxPool", ["x"], ["kernel_shape": [3, 3], "strides": [2, 3], "pads": [1, 1, 1, 1], "ceil_mode": 1])
        },
        ONNXCase("maxpool-dilated") { $0.node("MaxPool", ["x"], ["kernel_shape": [2, 2], "dilations": [3, 2]]) },
        ONNXCase("maxpool-same") {
            $0.node("MaxPool", ["x"], ["kernel_shape": [3, 2], "strides": [2, 2], "auto_pad": "SAME_UPPER"])
        },
        ONNXCase("avgpool") { $0.node("AveragePool", ["x"], ["kernel_shape": [3, 3], "pads": [1, 0, 1, 1]]) },
        ONNXCase("avgpool-counts-padding") {
            $0.node("AveragePool", ["x"], ["kernel_shape": [3, 3], "pads": [1, 0, 1, 1], "count_include_pad": 1])
        },
        ONNXCase("avgpool-ceil") {
            $0.node("AveragePool", ["x"], ["kernel_shape": [2, 2], "strides": [2, 4], "ceil_mode": 1])
        },
        ONNXCase("avgpool-ceil-counts-padding", opset: 19) {
            $0.node(
                "AveragePool", ["x"],
                [
                    "kernel_shape": [3, 3], "strides": [2, 3], "pads": [0, 1, 1, 0], "ceil_mode": 1,
                    "count_include_pad": 1,
                ])
        },
        ONNXCase("global-average") { $0.node("GlobalAveragePool", ["x"]) },
        ONNXCase("global-max") { $0.node("GlobalMaxPool", ["x"]) },
    ]

    private static let reductions: [ONNXCase] = [
        ONNXCase("mean-attribute", opset: 13) { $0.node("ReduceMean", ["x"], ["axes": [2, 3], "keepdims": 0]) },
        ONNXCase("mean-input", opset: 18) { $0.node("ReduceMean", ["x", $0.integers([-1, -2])]) },
        ONNXCase("mean-of-none", opset: 18) {
            $0.node("ReduceMean", [$0.node("Relu", ["x"]), $0.integers([])], ["noop_with_empty_axes": 1])
        },
        ONNXCase("max-attribute", opset: 11) { $0.node("ReduceMax", ["x"], ["axes": [-2, -1]]) },
        ONNXCase("max-input", opset: 18) { $0.node("ReduceMax", ["x", $0.integers([3, 2])], ["keepdims": 0]) },
    ]
}
