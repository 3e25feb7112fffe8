extension ONNXCase {
    /// What gives maps another shape, takes them apart and puts them together.
    static let structure: [ONNXCase] = parts + pads + shapes + channelsLast

    private static let parts: [ONNXCase] = [
        ONNXCase("split-attribute", opset: 11, input: [nil, 6, nil, nil]) {
            $0.node("Split", ["x"], ["axis": 1, "split": [1, 3, 2]], outputs: ["a", "b", "c"])
            $0.node("Concat", ["c", "a", "b"], ["axis": -3])
        },
        ONNXCase("split-input", input: [nil, 6, nil, nil]) {
            $0.node("Split", ["x", $0.integers([4, 2])], ["axis": 1], outputs: ["a", "b"])
            $0.node("Concat", ["b", "a"], ["axis": 1])
        },
        ONNXCase("split-equal", input: [nil, 4, nil, nil]) {
            $0.node("Split", ["x"], ["axis": -3], outputs: ["a", "b"])
            $0.node("Sub", ["b", "a"])
        },
        ONNXCase("slice-attributes", opset: 9) {
            $0.node("Slice", ["x"], ["starts": [1, -4], "ends": [99, -1], "axes": [1, 2]])
        },
        ONNXCase("slice-steps") {
            $0.node(
                "Slice",
                ["x", $0.integers([1, 0]), $0.integers([7, .max]), $0.integers([2, -1]), $0.integers([3, 2])])
        },
    ]

    private static let pads: [ONNXCase] = [
        ONNXCase("pad-before-conv") {
            let padded = $0.node("Pad", ["x", $0.integers([0, 0, 1, 2, 0, 0, 3, 0])])
            $0.node("Conv", [padded, $0.weights([2, 3, 3, 3])], ["strides": [2, 2], "pads": [1, 0, 0, 0]])
        },
        ONNXCase("pad-before-same-conv") {
            let padded = $0.node("Pad", ["x", $0.integers([0, 0, 1, 2, 0, 0, 3, 0])])
            $0.node("Conv", [padded, $0.weights([2, 3, 3, 3])], ["strides": [2, 2], "auto_pad": "SAME_UPPER"])
        },
        ONNXCase("pad-before-maxpool", opset: 10) {
            let negative = $0.node("Sub", ["x", $0.floats([], [9])])
            let padded = $0.node("Pad", [negative], ["pads": [0, 0, 0, 1, 0, 0, 1, 0]])
            $0.node("MaxPool", [padded], ["kernel_shape": [2, 2], "strides": [2, 2]])
        },
        ONNXCase("pad-twice-at-the-end", opset: 18) {
            let once = $0.node("Pad", ["x", $0.integers([1, 2]), "", $0.integers([-1])])
            $0.node("Pad", [once, $0.integers([1, 0, 0, 1]), $0.floats([], [0]), $0.integers([2, 3])])
        },
        ONNXCase("pad-channels") { $0.node("Pad", ["x", $0.integers([0, 2, 1, 0, 0, 1, 0, 0])]) },
    ]

    private static let shapes: [ONNXCase] = [
        ONNXCase("view") {
            let length = $0.node("Gather", [$0.node("Shape", ["x"]), $0.integers([0], dims: [])], ["axis": 0])
            let list = $0.node("Unsqueeze", [length, $0.integers([0])])
            let shape = $0.node("Concat", [list, $0.integers([-1])], ["axis": 0])
            $0.node("MatMul", [$0.node("Reshape", ["x", shape]), $0.weights([126, 3])])
        },
        ONNXCase("shuffle", input: [nil, 6, nil, nil]) {
            let grouped = $0.node("Reshape", ["x", $0.integers([0, 2, 3, 7, 6])])
            let exchanged = $0.node("Transpose", [grouped], ["perm": [0, 2, 1, 3, 4]])
            $0.node("Reshape", [exchanged, $0.integers([0, -1, 7, 6])])
        },
        ONNXCase("squeeze-attribute", opset: 11) {
            let pooled = $0.node("GlobalAveragePool", ["x"])
            $0.node("MatMul", [$0.node("Squeeze", [pooled], ["axes": [2, -1]]), $0.weights([3, 2])])
        },
        ONNXCase("squeeze-input") {
            let pooled = $0.node("Squeeze", [$0.node("GlobalMaxPool", ["x"]), $0.integers([3, 2])])
            let map = $0.node("Unsqueeze", [$0.node("Relu", [pooled]), $0.integers([-1, -2])])
            $0.node("Conv", [map, $0.weights([4, 3, 1, 1])])
        },
        ONNXCase("unsqueeze-attribute", opset: 11) {
            let pooled = $0.node("Flatten", [$0.node("GlobalMaxPool", ["x"])])
            $0.node("Add", ["x", $0.node("Unsqueeze", [pooled], ["axes": [2, 3]])])
        },
        ONNXCase("vector-to-map") {
            let vector = $0.node("Gemm", [$0.node("Flatten", ["x"]), $0.weights([126, 12])])
            $0.node("Conv", [$0.node("Reshape", [vector, $0.integers([-1, 3, 2, 2])]), $0.weights([2, 3, 2, 1])])
        },
        ONNXCase("aliases") {
            let cast = $0.node("Cast", [$0.node("Identity", ["x"])], ["to": 1])
            $0.node("Relu", [$0.node("Dropout", [cast])])
        },
        ONNXCase("fixed-batch", input: [1, 3, 7, 6]) {
            $0.node("Gemm", [$0.node("Reshape", ["x", $0.integers([1, 126])]), $0.weights([126, 2])])
        },
    ]

    private static let channelsLast: [ONNXCase] = [
        ONNXCase("channels-last") {
            let last = $0.node("Transpose", ["x"], ["perm": [0, 2, 3, 1]])
            let first = $0.node("Transpose", [$0.node("Relu", [last])], ["perm": [0, 3, 1, 2]])
            let map = $0.node("Conv", [first, $0.weights([4, 3, 2, 2])])
            let back = $0.node("Transpose", [map], ["perm": [0, 2, 3, 1]])
            let biased = $0.node("Add", [back, $0.weights([4])])
            $0.node("MatMul", [$0.node("Flatten", [biased]), $0.weights([120, 3])])
        },
        ONNXCase("channels-last-reshape") {
            let map = $0.node("Transpose", ["x"], ["perm": [0, 2, 3, 1]])
            $0.node("MatMul", [$0.node("Reshape", [map, $0.integers([-1, 126])]), $0.weights([126, 2])])
        },
        ONNXCase("matmul-on-map") {
            let last = $0.node("Transpose", ["x"], ["perm": [0, 2, 3, 1]])
            let dense = $0.node("Add", [$0.weights([5]), $0.node("MatMul", [last, $0.weights([3, 5])])])
            $0.node("Transpose", [dense], ["perm": [0, 3, 1, 2]])
        },
        ONNXCase("mean-of-channels-last", opset: 13) {
            let last = $0.node("Transpose", ["x"], ["perm": [0, 2, 3, 1]])
            let mean = $0.node("ReduceMean", [last], ["axes": [1, 2], "keepdims": 0])
            $0.node("MatMul", [mean, $0.weights([3, 2])])
        },
        ONNXCase("positions-last") {
            let flat = $0.node("Reshape", ["x", $0.integers([0, 3, 42])])
            let turned = $0.node("Transpose", [flat], ["perm": [0, 2, 1]])
            $0.node("Gemm", [$0.node("Flatten", [turned]), $0.weights([126, 2])])
        },
    ]
}
