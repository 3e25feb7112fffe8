import Tensors
import Testing

@testable import ModelGraph

@Suite("ONNX: what several nodes mean together becomes the layer that it is")
struct ONNXPatternTests {
    private func operations(_ name: String) throws -> [Operation] {
        let sample = try #require(ONNXImportTests.cases.first { $0.name == name })
        return try sample.writer.graph(sample.height, sample.width).layers.map(\.operation)
    }

    private func kinds(_ name: String) throws -> [String] {
        try operations(name).map { String(String(describing: $0).prefix { $0 != "(" }) }
    }

    @Test("Gates become activations, and numbers for each channel a normalization")
    func gates() throws {
        #expect(try operations("silu") == [.activation(.silu)])
        #expect(try operations("hard-swish") == [.activation(.hardSwish)])
        #expect(try operations("clip-six") == [.activation(.relu6)])
        #expect(try kinds("per-channel") == Array(repeating: "batchNormalization", count: 4))
    }

    @Test("Zeros go into the convolution that follows, and stay before a pool")
    func padding() throws {
        let strided = try operations("pad-before-conv")
        guard strided.count == 1, case .convolution(let convolution) = strided[0] else {
            Issue.record("\(strided.count) layers")
            return
        }
        #expect(convolution.window.padding == .explicit(top: 2, left: 2, bottom: 3, right: 0))
        #expect(try kinds("pad-before-same-conv") == ["convolution"])
        #expect(try kinds("pad-before-maxpool") == ["batchNormalization", "convolution", "maxPool"])
        #expect(try kinds("pad-twice-at-the-end") == ["convolution"])
        #expect(try kinds("pad-channels") == ["convolution", "convolution"])
    }

    @Test("Moving dimensions about costs no layer")
    func views() throws {
        #expect(try kinds("shuffle") == ["channelShuffle"])
        #expect(try operations("shuffle") == [.channelShuffle(groups: 2)])
        #expect(try kinds("view") == ["flatten", "linear"])
        #expect(
            try kinds("channels-last") == ["activation", "convolution", "batchNormalization", "flatten", "linear"])
        #expect(try operations("channels-last")[3] == .flatten(.channelsLast))
        #expect(try operations("channels-last-reshape")[0] == .flatten(.channelsLast))
        #expect(try operations("positions-last")[0] == .flatten(.channelsLast))
        #expect(try kinds("matmul-on-map") == ["convolution", "batchNormalization"])
        #expect(try kinds("mean-of-channels-last") == ["globalPool", "flatten", "linear"])
        #expect(try kinds("aliases") == ["activation"])
    }

    @Test("Layers are called as nodes are, once each, and without the slash that torch puts before")
    func names() throws {
        let net = ONNXWriter()
        var last = net.node("Relu", ["x"], name: "/features/features.0/Relu")
        last = net.node("Relu", [last], name: "input", outputs: ["a"])
        last = net.node("Relu", [last], name: "input", outputs: ["b"])
        last = net.node("Relu", [last], name: "/", outputs: ["c"])
        let names = try net.graph(2, 2).layers.map(\.name)
        #expect(names == ["features/features.0/Relu", "input_1", "input_2", "_1"])
    }

    @Test("Maps that only look alike are not put together")
    func mismatches() throws {
        // With one picture at once, [1, 3, 5, 5] and its transpose [3, 1, 5, 5] give [3, 3, 5, 5] in NumPy.
        let turned = ONNXWriter()
        turned.node("Add", ["x", turned.node("Transpose", ["x"], ["perm": [1, 0, 2, 3]])])
        let square = ONNXWriter()
        square.node("Add", ["x", square.node("Transpose", ["x"], ["perm": [0, 1, 3, 2]])])
        // Height as the number of channels: [1, 3, 3, 3] and channels last.
        let last = ONNXWriter()
        last.node("Mul", ["x", last.node("Transpose", ["x"], ["perm": [0, 2, 3, 1]])])
        for net in [turned, square, last] {
            let error = #expect(throws: InputError.self) { try net.graph(3, 3) }
            #expect(error?.fact.hasPrefix("puts ") == true, "\(error?.description ?? "")")
        }
        let mixed = ONNXWriter()
        let vector = mixed.node("Flatten", [mixed.node("GlobalMaxPool", ["x"])])
        mixed.node("Concat", [vector, mixed.node("Transpose", [vector])], ["axis": 1])
        #expect(throws: InputError.self) { try mixed.graph(3, 3) }
    }
}
