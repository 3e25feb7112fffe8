import Tensors
import Testing

@testable import ModelGraph

@Suite("ONNX: nodes that cannot be imported")
struct ONNXRefusalTests {
    typealias Build = @Sendable (ONNXWriter) -> Void

    /// Conv, Relu, what is not known, Flatten.
    private static func unknown() -> ONNXWriter {
        let net = ONNXWriter()
        let active = net.node(
            "Relu", [net.node("Conv", ["x", net.weights([4, 3, 1, 1])], name: "conv")], name: "relu")
        net.node("Flatten", [net.node("LRN", [active], name: "norm")], name: "flat")
        return net
    }

    @Test("The error names the operator, the node, the layer to cut at and what is supported")
    func unsupported() throws {
        let error = #expect(throws: InputError.self) { try Self.unknown().graph(4, 4) }
        #expect(error?.object.hasSuffix(": operator LRN, node 'norm'") == true)
        #expect(error?.fact == "is not supported")
        #expect(error?.remedy.hasPrefix("Cut before it (--cut relu), or export") == true)
        #expect(error?.remedy.contains("Conv, Div,") == true)
    }

    @Test("Asked for a part, the network ends before the operator")
    func partial() throws {
        #expect(try Self.unknown().graph(4, 4, isPartial: true).layers.map(\.name) == ["conv", "relu"])
        let first = ONNXWriter()
        first.node("Relu", [first.node("LRN", ["x"])])
        #expect(throws: InputError.self) { try first.graph(4, 4, isPartial: true) }
    }

    @Test("The network is what its first output needs; what others need may be unknown")
    func severalOutputs() throws {
        let net = Self.unknown()
        net.node("Sigmoid", ["conv_out"], name: "gate")
        net.model.graph.output = ["gate_out", "flat_out"].map { ONNXWriter.value($0, nil) }
        #expect(try net.graph(4, 4).layers.map(\.name) == ["conv", "gate"])
        net.model.graph.output.reverse()
        #expect(throws: InputError.self) { try net.graph(4, 4) }
    }

    @Test("Pictures of the size and layout that the file says, any number of them or as many as it says")
    func sizes() throws {
        func net(_ input: [Int64?], _ shape: [Int64]) -> ONNXWriter {
            let net = ONNXWriter(input: input)
            net.node("Reshape", ["x", net.integers(shape)])
            return net
        }
        for input: [Int64?] in [[nil, 3, 4, 5], [1, 3, nil, nil], [nil, nil, nil, nil]] {
            #expect(try net(input, [1, 60]).graph(4, 5).layers.count == 1)
        }
        #expect(try net([16, 3, 4, 5], [16, 60]).graph(4, 5).layers.count == 1)
        #expect(try net([16, 3, 4, 5], [-1, 60]).graph(4, 5).layers.count == 1)
        #expect(throws: InputError.self) { try net([16, 3, 4, 5], [1, 960]).graph(4, 5) }
        let error = #expect(throws: InputError.self) { try net([nil, 3, 4, 5], [1, 60]).graph(5, 4) }
        #expect(error?.fact == "takes pictures of 4 x 5, not 5 x 4")
        #expect(throws: InputError.self) { try net([nil, 3, nil, nil], [1, 60]).graph(0, 5) }
        #expect(throws: InputError.self) { try net([nil, 3, nil, nil], [1, 60]).graph(.max, .max) }
        #expect(try net([nil, 6, 5, 3], [-1, 90]).graph(6, 5).layers.map(\.operation) == [.flatten(.channelsLast)])
        #expect(
            try net([nil, nil, nil, nil], [-1, 60]).graph(4, 5, layout: .nhwc).layers.map(\.operation)
                == [.flatten(.channelsLast)])
        try withFile(try net([nil, 3, 4, 5], [1, 60]).bytes()) {
            let size = try #require(try NetworkFile(path: $0).inputSize())
            #expect(size == (4, 5))
        }
        try withFile(try net([nil, 3, 4, nil], [1, 60]).bytes()) {
            let size = try NetworkFile(path: $0).inputSize()
            #expect(size == nil)
        }
    }

    /// One node each that would give other numbers than its meaning, and a word of what is said of it.
    static let refused: [(build: Build, fact: String)] = [
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1, 1])], ["strides": [0, 1]]) }, "strides"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1, 1])], ["dilations": [1, .max]]) }, "dilations"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1, 1])], ["pads": [0, 0, -1, 0]]) }, "padding"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1, 1])], ["auto_pad": "SAME"]) }, "auto_pad"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1, 1])], ["group": 3]) }, "3 groups"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1, 1])], ["group": 0]) }, "0 groups"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1, 1])], ["kernel_shape": [3, 3]]) }, "kernel"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1])]) }, "weights [2, 3, 1]"),
        ({ $0.node("Conv", ["x", $0.floats([0, 3, 1, 1], [])]) }, "weights [0, 3, 1, 1]"),
        ({ $0.node("Conv", ["x", $0.weights([2, 4, 1, 1])]) }, "cannot take 3x4x4"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 9, 9])]) }, "cannot take 3x4x4"),
        ({ $0.node("Conv", ["x", $0.weights([2, 3, 1, 1]), $0.weights([3])]) }, "3 numbers for 2 channels"),
        ({ $0.node("Conv", ["x", "x"]) }, "computes its input 1 from the picture"),
        ({ $0.node("Conv", ["x"]) }, "lacks its weights"),
        ({ $0.node("Conv", []) }, "takes numbers where"),
        ({ $0.node("MaxPool", ["x"], ["kernel_shape": [2]]) }, "window"),
        ({ $0.node("MaxPool", ["x"], ["kernel_shape": [2, 1 << 40]]) }, "window"),
        ({ $0.node("MaxPool", ["x"], ["kernel_shape": [2, 2]], outputs: ["a", "b"]) }, "gives the places"),
        ({ $0.node("MaxPool", ["x"], ["kernel_shape": [2, 2], "pads": [2, 0, 0, 0]]) }, "padding"),
        ({ $0.node("AveragePool", ["x"], ["kernel_shape": [2, 2], "pads": [0, 0, 0, 2]]) }, "padding"),
        ({ $0.node("Pad", ["x", $0.integers([0, 0, 1, 1, 0, 0, 1, 1])], ["mode": "reflect"]) }, "'reflect'"),
        ({ $0.node("Pad", ["x", $0.integers([0, 0, 1, 1, 0, 0, 1, 1]), $0.floats([], [1])]) }, "with 1.0"),
        ({ $0.node("Pad", ["x", $0.integers([1, 0, 0, 0, 0, 0, 0, 0])]) }, "another dimension"),
        ({ $0.node("Pad", ["x", $0.integers([0, 0, .max, 0, 0, 0, 0, 0])]) }, "padding"),
        ({ $0.node("Pad", ["x", $0.integers([0, 0, 1])]) }, "padding"),
        (
            { $0.node("Split", ["x", $0.integers([.max, .max, 5])], ["axis": 1], outputs: ["a", "b", "c"]) }, "splits 3"
        ),
        ({ $0.node("Split", ["x", $0.integers([1, 3])], ["axis": 1], outputs: ["a", "b"]) }, "splits 3"),
        (
            { $0.node("Slice", ["x", $0.integers([3]), $0.integers([0]), $0.integers([2]), $0.integers([-1])]) },
            "by -1"
        ),
        ({ $0.node("Slice", ["x", $0.integers([2]), $0.integers([2]), $0.integers([2])]) }, "takes 2 to 2"),
        ({ $0.node("Concat", ["x", "x"], ["axis": 2]) }, "another dimension"),
        ({ $0.node("Softmax", ["x"], ["axis": 2]) }, "another dimension"),
        ({ $0.node("ReduceMean", ["x"], ["axes": [2]]) }, "height and width together"),
        ({ $0.node("ReduceMean", ["x"], ["axes": []]) }, "height and width together"),
        ({ $0.node("Clip", ["x", $0.floats([], [2]), $0.floats([], [1])]) }, "bounds"),
        ({ $0.node("Clip", ["x", $0.floats([], [.nan])]) }, "no number"),
        ({ $0.node("LeakyRelu", ["x"], ["alpha": .float(.nan)]) }, "alpha"),
        ({ $0.node("Gelu", ["x"], ["approximate": "tanh"]) }, "'tanh'"),
        ({ $0.node("Cast", ["x"], ["to": 7]) }, "whole numbers"),
        ({ $0.node("Div", [$0.floats([], [1]), "x"]) }, "divides a number"),
        ({ $0.node("Div", ["x", $0.floats([], [0])]) }, "no finite result"),
        ({ $0.node("Add", ["x", $0.weights([4])]) }, "one number a channel"),
        ({ $0.node("Add", ["x", $0.floats([0], [])]) }, "one number a channel"),
        ({ $0.node("Flatten", ["x"], ["axis": -4]) }, "flattens pictures together"),
        ({ $0.node("Flatten", ["x"], ["axis": 5]) }, "dimension 5"),
        ({ $0.node("Gemm", [$0.node("Flatten", ["x"]), $0.weights([48, 2])], ["transA": 1]) }, "transposes"),
        (
            { $0.node("Gemm", [$0.node("Flatten", ["x"]), $0.weights([48, 2])], ["alpha": .float(.infinity)]) }, "alpha"
        ),
        ({ $0.node("Reshape", ["x", $0.integers([0, 3, -1, 5])]) }, "cannot make"),
        ({ $0.node("Reshape", ["x", $0.integers([.max, .max, 2, 2])]) }, "cannot make"),
        ({ $0.node("Reshape", ["x", $0.integers([48, 1])]) }, "mixes pictures"),
        ({ $0.node("Squeeze", ["x", $0.integers([2])]) }, "where it is not 1"),
        ({ $0.node("Unsqueeze", ["x", $0.integers([2, 2])]) }, "adds dimensions at"),
        ({ $0.node("Transpose", ["x"], ["perm": [0, 1, 2, 2]]) }, "has the order"),
        ({ $0.node("Gather", ["x", $0.integers([0])]) }, "for shapes and weights only"),
    ]

    @Test("One refusal each, by operator", arguments: refused.indices)
    func refusal(number: Int) throws {
        let net = ONNXWriter()
        Self.refused[number].build(net)
        let error = #expect(throws: InputError.self) { try net.graph(4, 4) }
        #expect(error?.object.contains("operator ") == true, "\(error?.description ?? "")")
        #expect(error?.fact.contains(Self.refused[number].fact) == true, "\(error?.description ?? "")")
    }
}
