import Foundation
import PythonPeer
import ReferenceNetwork
import Tensors
import Testing

@testable import ModelGraph

@Suite("Networks written as ONNX files")
struct ONNXModelWriterTests {
    private static let (channels, height, width) = (8, 7, 6)

    private static func random(_ shape: [Int], seed: UInt64, from low: Float = -1) -> DenseTensor {
        var generator = SeededGenerator(seed: seed)
        return DenseTensor(
            shape: shape, elements: (0..<shape.reduce(1, *)).map { _ in generator.uniform(low, low + 2) })
    }

    private static func convolution(groups: Int, bias: Bool, _ window: Window) -> Layer {
        let weight = random([12, channels / groups, window.height, window.width], seed: 3)
        return tested(
            .convolution(
                Convolution(weight: weight, bias: bias ? random([12], seed: 4) : nil, groups: groups, window: window)))
    }

    private static func tested(_ operation: LayerOperation) -> Layer {
        Layer("tested/layer", operation, inputs: [ModelGraph.inputName])
    }

    private static let activations: [Activation] = [
        .relu, .relu6, .leakyRelu(slope: 0.1), .clip(low: -0.3, high: 0.4), .sigmoid,
        .hardSigmoid(slope: 0.2, offset: 0.5), .hardSwish, .silu, .tanh, .elu(scale: 1.3),
    ]

    private static let convolutions: [Layer] = [
        convolution(groups: 1, bias: true, Window(size: 3, stride: 2, padding: .all(1))),
        convolution(
            groups: 2, bias: false, Window(height: 2, width: 3, strideDown: 1, strideAcross: 2, padding: .same)),
        convolution(
            groups: 4, bias: true,
            Window(height: 3, width: 2, dilationDown: 2, padding: .explicit(top: 2, left: 0, bottom: 1, right: 1))),
        convolution(groups: 1, bias: true, Window(size: 4, stride: 2, padding: .sameLower)),
    ]

    private static let pools: [Layer] = [
        tested(.maxPool(Window(size: 3, stride: 2, padding: .all(1)))),
        tested(.maxPool(Window(size: 3, stride: 2, roundsUp: true))),
        tested(.maxPool(Window(size: 2, stride: 2, padding: .same))),
        tested(.averagePool(Window(size: 3, stride: 2, padding: .all(1)), countsPadding: true)),
        tested(.averagePool(Window(size: 3, stride: 2, padding: .all(1)), countsPadding: false)),
        tested(.averagePool(Window(size: 2, stride: 2, roundsUp: true), countsPadding: false)),
        tested(.averagePool(Window(size: 2, stride: 2, roundsUp: true), countsPadding: true)),
        tested(.globalPool(.average)), tested(.globalPool(.max)),
    ]

    private static let others: [Layer] = [
        tested(
            .batchNormalization(
                BatchNormalization(
                    scale: random([channels], seed: 5), shift: random([channels], seed: 6),
                    mean: random([channels], seed: 7),
                    variance: random([channels], seed: 8, from: 0.2), epsilon: 1e-3))),
        tested(.slice(Slice(channels: .init(start: 1, count: 3, step: 2), rows: .init(start: 2, count: 4)))),
        tested(.slice(Slice())), tested(.channelShuffle(groups: 4)), tested(.flatten(.channelsFirst)),
        tested(.flatten(.channelsLast)), tested(.reshape(.map(channels: 4, height: 14, width: 6))),
        tested(.reshape(.vector(channels * height * width))), tested(.softmax), tested(.identity),
    ]

    /// Written as several operators that are not read as networks.
    private static let unread: [Layer] = [
        tested(.activation(.gelu)), tested(.globalPool(.generalizedMean(exponent: 3, epsilon: 1e-6))),
    ]

    /// Every other operation, and every way in which it is written.
    private static var operations: [Layer] {
        activations.map { tested(.activation($0)) } + convolutions + pools + others
    }

    /// Four pictures of which no value is zero.
    private static var pictures: Tensor4 {
        Tensor4(
            count: 4, channels: channels, height: height, width: width,
            elements: random([4, channels, height, width], seed: 9).elements)
    }

    private func written(_ graph: ModelGraph, _ height: Int = Self.height, _ width: Int = Self.width) throws -> Data {
        var writer = ONNXModelWriter(name: "test")
        let input = writer.input("pictures", dimensions: [graph.inputChannels, height, width])
        let output = try writer.append(graph, to: input, height: height, width: width)
        let shape = try #require(try graph.shapes(height: height, width: width)[graph.outputName])
        writer.output(output, as: "embedding", dimensions: shape.dimensions)
        return try writer.encoded(metadata: ["b": "2", "a": "1"])
    }

    /// The largest difference, as a part of the largest number where that is above 1.
    private func difference(_ left: [[Double]], _ right: [[Double]]) -> Double {
        zip(left, right).map { left, right in
            guard left.count == right.count else { return .infinity }
            let largest = right.map { abs($0) }.max() ?? 0
            return (zip(left, right).map { abs($0 - $1) }.max() ?? 0) / max(largest, 1)
        }.max() ?? .infinity
    }

    @Test("are read back as networks that compute the same", arguments: operations)
    func roundTrip(layer: Layer) throws {
        let graph = ModelGraph(
            architecture: "test", inputChannels: Self.channels,
            layers: [
                layer, Layer("last", .activation(.sigmoid), inputs: ["tested/layer"]),
            ])
        let expected = try ReferenceNetwork(graph: graph, height: Self.height, width: Self.width).outputs(
            of: Self.pictures)
        let read = try withFile(Array(try written(graph))) { path in
            try NetworkFile(path: path).graph(height: Self.height, width: Self.width)
        }
        let found = try ReferenceNetwork(graph: read, height: Self.height, width: Self.width).outputs(of: Self.pictures)
        #expect(difference(found, expected) < 1e-5)
    }

    /// Two inputs, dense layers and everything else that takes more than one layer.
    private static var joined: ModelGraph {
        ModelGraph(
            architecture: "test", inputChannels: channels,
            layers: [
                Layer("gate", .globalPool(.average), inputs: ["input"]),
                Layer("gated", .arithmetic(.multiply), inputs: ["input", "gate"]),
                Layer("rest", .arithmetic(.subtract), inputs: ["input", "gated"]),
                Layer("sum", .add, inputs: ["rest", "gated"]),
                Layer("ratio", .arithmetic(.divide), inputs: ["sum", "gate"]),
                Layer("both", .concatenate, inputs: ["ratio", "gated"]), Layer("flat", .flatten, inputs: ["both"]),
                Layer(
                    "dense",
                    .linear(
                        Linear(
                            weight: random([5, 2 * channels * height * width], seed: 1), bias: random([5], seed: 2))),
                    inputs: ["flat"]),
                Layer("twice", .concatenate, inputs: ["dense", "dense"]),
            ])
    }

    @Test("may have layers with several inputs and dense ones")
    func several() throws {
        let expected = try ReferenceNetwork(graph: Self.joined, height: Self.height, width: Self.width)
            .outputs(of: Self.pictures)
        let read = try withFile(Array(try written(Self.joined))) { path in
            try NetworkFile(path: path).graph(height: Self.height, width: Self.width)
        }
        let found = try ReferenceNetwork(graph: read, height: Self.height, width: Self.width).outputs(of: Self.pictures)
        #expect(difference(found, expected) < 1e-3)
        #expect(try written(Self.joined) == written(Self.joined))
    }

    @Test("that ONNX has no operator for are refused, naming the layer")
    func refused() throws {
        let window = Window(height: 2, width: 2, dilationDown: 2)
        let graph = ModelGraph(
            architecture: "test", inputChannels: Self.channels,
            layers: [Layer("dilated", .averagePool(window, countsPadding: true), inputs: ["input"])])
        let error = #expect(throws: InputError.self) { try written(graph) }
        #expect(error?.object == "layer 'dilated'")
    }

    @Test(
        "are what onnx.checker finds right and ONNX Runtime computes, for any number of pictures",
        .enabled(
            if: Python.interpreter(importing: "onnx, onnxruntime") != nil, "needs Python with onnx and onnxruntime"))
    func onnxRuntime() throws {
        let python = try #require(Python.interpreter(importing: "onnx, onnxruntime"))
        let graphs =
            (Self.operations + Self.unread).map {
                ModelGraph(architecture: "test", inputChannels: Self.channels, layers: [$0])
            }
            + [Self.joined]
        let folder = NSTemporaryDirectory() + "onnx-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(atPath: folder) }
        let pictures = Self.pictures.elements.withUnsafeBytes { Data($0) }
        try pictures.write(to: URL(fileURLWithPath: folder + "/pictures.f32"))
        for (number, graph) in graphs.enumerated() {
            try written(graph).write(to: URL(fileURLWithPath: "\(folder)/\(number).onnx"))
        }
        let program = """
            import sys, json, numpy as np, onnx, onnxruntime
            folder, count = sys.argv[1], int(sys.argv[2])
            x = np.fromfile(folder + "/pictures.f32", dtype=np.float32).reshape(4, \(Self.channels), \(Self.height), \(Self.width))
            results = []
            for number in range(count):
                path = f"{folder}/{number}.onnx"
                model = onnx.load(path)
                onnx.checker.check_model(model, full_check=True)
                session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
                four = session.run(["embedding"], {"pictures": x})[0]
                one = session.run(["embedding"], {"pictures": x[:1]})[0]
                assert np.allclose(one, four[:1], atol=1e-5) and four.shape[0] == 4
                assert [p.key + p.value for p in model.metadata_props] == ["a1", "b2"]
                results.append(four.reshape(4, -1).tolist())
            print(json.dumps(results))
            """
        let printed = try Python.run(python, program, folder, "\(graphs.count)")
        let results = try JSONDecoder().decode([[[Double]]].self, from: Data(printed.utf8))
        for (graph, found) in zip(graphs, results) {
            let expected = try ReferenceNetwork(graph: graph, height: Self.height, width: Self.width).outputs(
                of: Self.pictures)
            #expect(difference(found, expected) < 1e-3, "\(graph.layers[0].operation)")
        }
    }
}
