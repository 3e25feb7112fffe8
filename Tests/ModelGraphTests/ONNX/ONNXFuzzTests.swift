import Foundation
import SwiftProtobuf
import Tensors
import Testing

@testable import ModelGraph

@Suite("ONNX: damaged files are read or refused, never a trap")
struct ONNXFuzzTests {
    /// How many times as many changes `Tools/test --long` tries.
    private static let times = ProcessInfo.processInfo.environment["FINETUNER_CACHE_LONG_TESTS"] == "1" ? 20 : 1

    /// Networks that together use every operator.
    private static let samples = ONNXImportTests.cases.map(\.writer.finished) + [foldingSample().finished]

    /// Weights and shapes that are computed from others.
    private static func foldingSample() -> ONNXWriter {
        let net = ONNXWriter()
        let shape = net.node("Shape", ["x"], ["start": 1, "end": -2])
        let filled = net.node("ConstantOfShape", [net.node("Concat", [shape, net.integers([2, 1, 1])], ["axis": 0])])
        let root = net.node("Sqrt", [net.node("Neg", [net.node("Sub", [filled, net.positives([1, 2, 1, 1])])])])
        let whole = net.node("Cast", [net.node("Floor", [net.node("Ceil", [root])])], ["to": 7])
        let part = net.node(
            "Slice", [whole, net.integers([0]), net.integers([9]), net.integers([1]), net.integers([1])])
        let turned = net.node("Transpose", [net.node("Div", [part, net.floats([1], [2])])], ["perm": [1, 0, 2, 3]])
        let column = net.node("Unsqueeze", [net.node("Squeeze", [turned]), net.integers([2])])
        let kernel = net.node("Unsqueeze", [column, net.integers([-1])])
        net.node("Conv", ["x", net.node("Gather", [kernel, net.integers([0, -1, 1])], ["axis": 0])])
        return net
    }

    /// Reads what can be read, and counts the files that give a network.
    private static func isRead(_ bytes: [UInt8]) throws -> Bool {
        do {
            try withFile(bytes) { path in
                let file = try NetworkFile(path: path)
                let size = try file.inputSize() ?? (7, 6)
                let graph = try file.graph(height: size.height, width: size.width)
                _ = try graph.shapes(height: size.height, width: size.width)
                _ = (graph.structureFingerprint, try Tailor(graph).cut())
            }
            return true
        } catch {
            #expect(error is InputError, "\(error)")
            return false
        }
    }

    @Test("Bits and bytes changed at random")
    func bytes() throws {
        var generator = SeededGenerator(seed: 21)
        let files: [[UInt8]] = try Self.samples.map { try $0.serializedBytes() }
        var read = 0
        for number in 0..<2000 * Self.times {
            var bytes = files[number % files.count]
            for _ in 0...generator.index(below: 3) {
                let position = generator.index(below: bytes.count)
                switch generator.index(below: 3) {
                case 0: bytes[position] ^= 1 << UInt8(generator.index(below: 8))
                case 1: bytes[position] = [0, 1, 0x7F, 0x80, 0xFF][generator.index(below: 5)]
                default: bytes.remove(at: position)
                }
            }
            if try Self.isRead(bytes) { read += 1 }
        }
        #expect(read > 100 * Self.times, "\(read) were read")
    }

    @Test("Attributes, dimensions, numbers and connections changed at random")
    func structure() throws {
        var mutation = ONNXMutation(seed: 22)
        var read = 0
        for number in 0..<3000 * Self.times {
            var model = Self.samples[number % Self.samples.count]
            for _ in 0...mutation.generator.index(below: 2) { mutation.change(&model) }
            if try Self.isRead(try model.serializedBytes()) { read += 1 }
        }
        #expect(read > 100 * Self.times, "\(read) were read")
    }
}

/// Changes one thing of a network so that it stays a well-formed file.
struct ONNXMutation {
    var generator: SeededGenerator
    /// Numbers at which something may overflow, and small ones.
    private static let numbers: [Int64] = [
        .min, .min + 1, -1 << 40, -1 << 31, -4, -3, -2, -1, 0, 1, 2, 3, 4, 5, 7, 100, 4096, 4097, 65_536, 1 << 31,
        1 << 40,
        1 << 62, .max - 1, .max,
    ]

    init(seed: UInt64) { generator = SeededGenerator(seed: seed) }

    private mutating func number() -> Int64 { Self.numbers[generator.index(below: Self.numbers.count)] }

    private mutating func numbers() -> [Int64] { (0..<generator.index(below: 6)).map { _ in number() } }

    mutating func change(_ model: inout Onnx_ModelProto) {
        switch generator.index(below: 8) {
        case 0: model.opsetImport[0].version = Int64(7 + generator.index(below: 15))
        case 1: changeInput(&model.graph)
        case 2, 3: changeTensor(&model.graph)
        default: changeNode(&model.graph)
        }
    }

    private mutating func changeInput(_ graph: inout Onnx_GraphProto) {
        guard !graph.input.isEmpty else { return }
        let dims = (0..<4).map { _ in
            generator.index(below: 2) == 0 ? number() : [1, 3, 6, 7][generator.index(below: 4)]
        }
        graph.input[0] = ONNXWriter.value("x", dims)
    }

    /// Other dimensions of as many numbers, or other numbers.
    private mutating func changeTensor(_ graph: inout Onnx_GraphProto) {
        guard !graph.initializer.isEmpty else { return }
        let index = generator.index(below: graph.initializer.count)
        var tensor = graph.initializer[index]
        switch generator.index(below: 4) {
        case 0: tensor.dims.append(1)
        case 1: tensor.dims.shuffle(using: &generator)
        case 2:
            tensor.dims = numbers()
            let count = DenseTensor.elementCount(of: tensor.dims.map { Int($0) }) ?? 0
            tensor.floatData = [Float](repeating: 0.5, count: min(count, 5000))
            (tensor.dataType, tensor.rawData) = (1, Data())
            tensor.clearRawData()
        default:
            let values = numbers()
            (tensor.dataType, tensor.dims, tensor.int64Data) = (7, [Int64(values.count)], values)
            tensor.clearRawData()
        }
        graph.initializer[index] = tensor
    }

    private mutating func changeNode(_ graph: inout Onnx_GraphProto) {
        let index = generator.index(below: graph.node.count)
        var node = graph.node[index]
        switch generator.index(below: 6) {
        case 0 where !node.input.isEmpty: node.input.remove(at: generator.index(below: node.input.count))
        case 1 where !node.input.isEmpty:
            let known = ["", "x"] + graph.initializer.map(\.name) + graph.node[..<index].flatMap(\.output)
            node.input[generator.index(below: node.input.count)] = known[generator.index(below: known.count)]
        case 2: node.opType = ONNXImport.handlers.keys.sorted()[generator.index(below: ONNXImport.handlers.count)]
        case 3: node.input.append(node.input.first ?? "x")
        default: changeAttribute(&node)
        }
        graph.node[index] = node
    }

    private static let integers = ["axis", "group", "to", "keepdims", "ceil_mode", "allowzero", "start", "end"]
    private static let lists = [
        "pads", "strides", "dilations", "kernel_shape", "axes", "perm", "split", "starts", "ends", "steps",
    ]

    private mutating func changeAttribute(_ node: inout Onnx_NodeProto) {
        let attribute: Onnx_AttributeProto
        switch generator.index(below: 3) {
        case 0:
            attribute = ONNXSetting.int(number()).attribute(Self.integers[generator.index(below: Self.integers.count)])
        case 1: attribute = ONNXSetting.ints(numbers()).attribute(Self.lists[generator.index(below: Self.lists.count)])
        default:
            let values: [Float] = [.nan, .infinity, -1, 0, 3e38]
            let name = ["alpha", "beta", "epsilon", "min", "max"][generator.index(below: 5)]
            attribute = ONNXSetting.float(values[generator.index(below: 5)]).attribute(name)
        }
        node.attribute.removeAll { $0.name == attribute.name }
        node.attribute.append(attribute)
    }
}
