public import Foundation
import SwiftProtobuf
import Tensors

/// Builds an ONNX file (opset 17, IR version 8) whose first dimension, the batch, has any length.
///
/// Each step takes the names of values and returns the name of its result.
public struct ONNXModelWriter {
    private var graph = Onnx_GraphProto()
    private var names: Set<String> = []

    /// The version of ONNX's operators that is written: old enough for every runtime in use.
    public static let opset = 17
    private static let irVersion: Int64 = 8
    /// What the batch's length is called.
    static let batch = "batch"
    /// Protocol buffers cannot be longer.
    private static let largestFile = Int(Int32.max)

    /// The numbers of element types and of attributes' types in ONNX's protocol.
    private enum Code {
        static let (float, int64): (Int32, Int32) = (1, 7)
        static let (floatAttribute, intAttribute, intsAttribute): (Int32, Int32, Int32) = (1, 2, 7)
    }

    /// An attribute of a node.
    enum Attribute {
        case float(String, Float)
        case int(String, Int)
        case ints(String, [Int])
    }

    /// A file without nodes.
    public init(name: String) { graph.name = name }

    /// Adds an input of `float`, shape `[batch] + dimensions`; returns its name.
    public mutating func input(_ name: String, dimensions: [Int]) -> String {
        graph.input.append(Self.value(name, dimensions))
        names.insert(name)
        return name
    }

    /// Makes `value` an output called `name`, of `float`, shape `[batch] + dimensions`.
    public mutating func output(_ value: String, as name: String, dimensions: [Int]) {
        let renamed = node("Identity", [value], named: name)
        precondition(renamed == name, "two values called \(name)")
        graph.output.append(Self.value(name, dimensions))
    }

    /// Adds a node; returns the name of its result, `name` or one like it.
    mutating func node(
        _ type: String, _ inputs: [String], _ attributes: [Attribute] = [], named name: String
    ) -> String {
        var node = Onnx_NodeProto()
        node.name = unique(name)
        (node.opType, node.input, node.output) = (type, inputs, [node.name])
        node.attribute = attributes.map(Self.attribute)
        graph.node.append(node)
        return node.name
    }

    /// Adds numbers; returns their name.
    mutating func constant(_ shape: [Int], _ values: [Float], named name: String) -> String {
        var tensor = Onnx_TensorProto()
        tensor.dataType = Code.float
        tensor.rawData = values.map { $0.bitPattern.littleEndian }.withUnsafeBytes { Data($0) }
        return add(&tensor, shape, name)
    }

    /// Adds whole numbers in a row; returns their name.
    mutating func constant(_ values: [Int], named name: String) -> String {
        var tensor = Onnx_TensorProto()
        tensor.dataType = Code.int64
        tensor.rawData = values.map { Int64($0).littleEndian }.withUnsafeBytes { Data($0) }
        return add(&tensor, [values.count], name)
    }

    private mutating func add(_ tensor: inout Onnx_TensorProto, _ shape: [Int], _ name: String) -> String {
        tensor.name = unique(name)
        tensor.dims = shape.map(Int64.init)
        graph.initializer.append(tensor)
        return tensor.name
    }

    private mutating func unique(_ name: String) -> String {
        var (candidate, number) = (name, 1)
        while !names.insert(candidate).inserted {
            number += 1
            candidate = "\(name)_\(number)"
        }
        return candidate
    }

    /// The file's bytes; `metadata` travels with it. The same steps give the same bytes. Throws `InputError` where the file would be longer
    /// than ONNX files can be.
    public func encoded(metadata: [String: String] = [:]) throws -> Data {
        var model = Onnx_ModelProto()
        model.irVersion = Self.irVersion
        model.producerName = "finetuner-cache"
        model.graph = graph
        var operators = Onnx_OperatorSetIdProto()
        (operators.domain, operators.version) = ("", Int64(Self.opset))
        model.opsetImport = [operators]
        model.metadataProps = metadata.sorted { $0.key < $1.key }.map { key, value in
            var entry = Onnx_StringStringEntryProto()
            (entry.key, entry.value) = (key, value)
            return entry
        }
        let data: Data = try model.serializedBytes()
        guard data.count <= Self.largestFile else {
            throw InputError(
                "network", "takes \(data.count) bytes, and an ONNX file at most \(Self.largestFile)",
                remedy: "Cut it earlier.")
        }
        return data
    }

    private static func value(_ name: String, _ dimensions: [Int]) -> Onnx_ValueInfoProto {
        var value = Onnx_ValueInfoProto()
        value.name = name
        value.type.tensorType.elemType = Code.float
        var any = Onnx_DimensionProto()
        any.dimParam = batch
        value.type.tensorType.shape.dim =
            [any]
            + dimensions.map { length in
                var dimension = Onnx_DimensionProto()
                dimension.dimValue = Int64(length)
                return dimension
            }
        return value
    }

    private static func attribute(_ attribute: Attribute) -> Onnx_AttributeProto {
        var message = Onnx_AttributeProto()
        switch attribute {
        case .float(let name, let value): (message.name, message.f, message.type) = (name, value, Code.floatAttribute)
        case .int(let name, let value):
            (message.name, message.i, message.type) = (name, Int64(value), Code.intAttribute)
        case .ints(let name, let values):
            (message.name, message.ints, message.type) = (name, values.map(Int64.init), Code.intsAttribute)
        }
        return message
    }
}
