import Foundation
import SwiftProtobuf
import Tensors

@testable import ModelGraph

/// Makes ONNX files, as exporters write them and as they should not. Nodes are added in order; the last one's result is the
/// network's.
final class ONNXWriter {
    var model = Onnx_ModelProto()
    private var generator = SeededGenerator(seed: 11)

    /// A file for an input `x` of the given dimensions, nil for any length.
    init(opset: Int64 = 17, input: [Int64?] = [nil, 3, nil, nil]) {
        model.irVersion = 8
        model.graph.name = "test"
        var version = Onnx_OperatorSetIdProto()
        (version.domain, version.version) = ("", opset)
        model.opsetImport = [version]
        addInput("x", input)
    }

    func addInput(_ name: String, _ dims: [Int64?]) { model.graph.input.append(Self.value(name, dims)) }

    static func value(_ name: String, _ dims: [Int64?]?) -> Onnx_ValueInfoProto {
        var value = Onnx_ValueInfoProto()
        value.name = name
        value.type.tensorType.elemType = 1
        guard let dims else { return value }
        value.type.tensorType.shape.dim = dims.enumerated().map { index, length in
            var dimension = Onnx_DimensionProto()
            if let length { dimension.dimValue = length } else { dimension.dimParam = "d\(index)" }
            return dimension
        }
        return value
    }

    // MARK: Nodes

    /// Appends a node and returns the name of its first result.
    @discardableResult
    func node(
        _ opType: String, _ inputs: [String], _ settings: [String: ONNXSetting] = [:], name: String? = nil,
        outputs: [String]? = nil
    ) -> String {
        var node = Onnx_NodeProto()
        node.name = name ?? "\(opType.lowercased())\(model.graph.node.count)"
        (node.opType, node.input) = (opType, inputs)
        node.output = outputs ?? [node.name + "_out"]
        node.attribute = settings.sorted { $0.key < $1.key }.map { $1.attribute($0) }
        model.graph.node.append(node)
        return node.output[0]
    }

    // MARK: Numbers

    /// An initializer of given numbers.
    func floats(_ dims: [Int64], _ values: [Float], name: String? = nil) -> String {
        var tensor = Onnx_TensorProto()
        (tensor.dims, tensor.dataType, tensor.floatData) = (dims, 1, values)
        return add(tensor, name)
    }

    /// An initializer of numbers made up between -0.5 and 0.5, the same ones every time.
    func weights(_ dims: [Int64]) -> String {
        floats(dims, (0..<dims.reduce(1, *)).map { _ in (generator.uniform(-0.5, 0.5) * 64).rounded() / 64 })
    }

    /// An initializer of positive numbers.
    func positives(_ dims: [Int64]) -> String {
        floats(dims, (0..<dims.reduce(1, *)).map { _ in (generator.uniform(0.5, 1.5) * 64).rounded() / 64 })
    }

    /// A list of 64-bit integers, as shapes are; of `dims` where that is given.
    func integers(_ values: [Int64], dims: [Int64]? = nil, name: String? = nil) -> String {
        var tensor = Onnx_TensorProto()
        (tensor.dims, tensor.dataType) = (dims ?? [Int64(values.count)], 7)
        tensor.rawData = values.reduce(into: Data()) { data, value in
            withUnsafeBytes(of: value.littleEndian) { data.append(contentsOf: $0) }
        }
        return add(tensor, name)
    }

    func add(_ tensor: Onnx_TensorProto, _ name: String? = nil) -> String {
        var tensor = tensor
        tensor.name = name ?? "w\(model.graph.initializer.count)"
        model.graph.initializer.append(tensor)
        return tensor.name
    }

    // MARK: The file

    /// What the file says. The last node's first result is the output where none was named.
    var finished: Onnx_ModelProto {
        var model = model
        if model.graph.output.isEmpty, let name = model.graph.node.last?.output.first {
            model.graph.output = [Self.value(name, nil)]
        }
        return model
    }

    /// The file's bytes.
    func bytes() throws -> [UInt8] { try finished.serializedBytes() }

    /// The network as `NetworkFile` imports it.
    func graph(
        _ height: Int, _ width: Int, layout: InputLayout? = nil, isPartial: Bool = false
    ) throws -> ModelGraph {
        try withFile(try bytes()) {
            try NetworkFile(path: $0).graph(height: height, width: width, layout: layout, isPartial: isPartial)
        }
    }
}

/// The value of an attribute.
enum ONNXSetting: ExpressibleByIntegerLiteral, ExpressibleByArrayLiteral, ExpressibleByFloatLiteral,
    ExpressibleByStringLiteral
{
    case int(Int64)
    case ints([Int64])
    case float(Float)
    case string(String)
    case tensor(Onnx_TensorProto)

    init(integerLiteral value: Int64) { self = .int(value) }
    init(arrayLiteral elements: Int64...) { self = .ints(elements) }
    init(floatLiteral value: Double) { self = .float(Float(value)) }
    init(stringLiteral value: String) { self = .string(value) }

    func attribute(_ name: String) -> Onnx_AttributeProto {
        var attribute = Onnx_AttributeProto()
        attribute.name = name
        switch self {
        case .float(let value): (attribute.type, attribute.f) = (1, value)
        case .int(let value): (attribute.type, attribute.i) = (2, value)
        case .string(let value): (attribute.type, attribute.s) = (3, Data(value.utf8))
        case .tensor(let value): (attribute.type, attribute.t) = (4, value)
        case .ints(let values): (attribute.type, attribute.ints) = (7, values)
        }
        return attribute
    }
}
