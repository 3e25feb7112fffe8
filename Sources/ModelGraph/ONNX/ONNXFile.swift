import Foundation
import SwiftProtobuf
import Tensors

/// An ONNX file, checked: its nodes in topological order, its tensors as large as they claim to be.
struct ONNXFile: Sendable {
    /// The length of a dimension, where the file says one.
    enum Dimension: Sendable, Hashable {
        case known(Int)
        case named(String)
        case unknown
    }

    /// A value that the network takes or gives.
    struct Value: Sendable, Hashable {
        let name: String
        let dims: [Dimension]
    }

    /// The version of ONNX's operators that the nodes are meant in.
    let opset: Int
    let metadata: [String: String]
    let nodes: [ONNXNode]
    let initializers: [String: ONNXTensor]
    /// What has to be given: inputs that no initializer has a value for.
    let inputs: [Value]
    let outputs: [Value]

    /// Versions whose operators are known.
    static let opsets = 7...21
    /// Protocol buffers cannot be longer.
    private static let largestFile = Int(Int32.max)

    /// Whether the file begins as ONNX files do: with the version of the format, a small number in field 1.
    static func looksLikeOne(_ file: MappedFile) -> Bool {
        file.withUnsafeBytes { $0.count > 8 && $0[0] == 0x08 && (1...32).contains($0[1]) && $0[2] != 0 }
    }

    /// Opens the file at `path`. Throws `InputError`, within the path, where it is damaged or asks for what is not supported.
    init(path: String) throws {
        do { try self.init(try Self.parse(path)) } catch let error as InputError {
            throw error.object.hasPrefix(path) ? error : error.within(path)
        }
    }

    private static func parse(_ path: String) throws -> Onnx_ModelProto {
        let file = try MappedFile(path: path)
        guard file.count <= largestFile else {
            throw InputError(path, "has \(file.count) bytes, and an ONNX file at most \(largestFile)")
        }
        do {
            var options = BinaryDecodingOptions()
            options.messageDepthLimit = 32
            options.discardUnknownFields = true
            return try file.withUnsafeBytes { bytes in
                guard let base = UnsafeMutableRawPointer(mutating: bytes.baseAddress) else { return Onnx_ModelProto() }
                let data = Data(bytesNoCopy: base, count: bytes.count, deallocator: .none)
                return try Onnx_ModelProto(serializedBytes: data, options: options)
            }
        } catch {
            throw InputError(
                path, "is no whole ONNX file: it cannot be decoded",
                remedy: "It is damaged or not all there: fetch or export it again.")
        }
    }

    private init(_ model: Onnx_ModelProto) throws {
        guard model.hasGraph, !model.graph.node.isEmpty else {
            throw InputError("file", "holds no network", remedy: "Fetch or export it again.")
        }
        opset = try Self.opset(model)
        metadata = Dictionary(model.metadataProps.map { ($0.key, $0.value) }) { _, last in last }
        let graph = model.graph
        guard graph.sparseInitializer.isEmpty else {
            throw InputError("file", "has sparse weights", remedy: "Save them dense.")
        }
        guard model.functions.isEmpty else {
            throw InputError("file", "defines functions", remedy: "Export the network with ONNX's own operators only.")
        }
        initializers = try graph.initializer.reduce(into: [:]) { tensors, message in
            guard !message.name.isEmpty else {
                throw InputError("file", "has weights without a name", remedy: "The file is damaged.")
            }
            guard tensors.updateValue(try ONNXTensor(message, named: message.name), forKey: message.name) == nil else {
                throw InputError("tensor '\(message.name)'", "is there twice", remedy: "The file is damaged.")
            }
        }
        let known = initializers
        inputs = graph.input.map(Value.init).filter { known[$0.name] == nil }
        outputs = graph.output.map(Value.init)
        nodes = try graph.node.enumerated().map { try ONNXNode($1, number: $0) }
        try requireOrder()
    }

    private static func opset(_ model: Onnx_ModelProto) throws -> Int {
        let versions = model.opsetImport.filter { $0.domain.isEmpty || $0.domain == "ai.onnx" }.map(\.version)
        guard versions.count <= 1 else {
            throw InputError(
                "file", "has operators of two versions, \(versions[0]) and \(versions[1])",
                remedy: "The file is damaged.")
        }
        let version = versions.first
        guard let version, let opset = Int(exactly: version), opsets.contains(opset) else {
            throw InputError(
                "file", "has operators of version \(version.map(String.init) ?? "none")",
                remedy: "Versions \(opsets.lowerBound) to \(opsets.upperBound) can be read; export it with opset 17.")
        }
        return opset
    }

    /// Each value is given once, and before it is taken; the outputs are among them.
    private func requireOrder() throws {
        var given = Set(initializers.keys).union(inputs.map(\.name))
        for node in nodes {
            let object = "operator \(node.opType), node '\(node.name)'"
            for name in node.inputs where !name.isEmpty && !given.contains(name) {
                throw InputError(
                    object, "takes '\(name)', which nothing before it gives", remedy: "The file is damaged.")
            }
            for name in node.outputs where !name.isEmpty && !given.insert(name).inserted {
                throw InputError(object, "gives '\(name)', which is there already", remedy: "The file is damaged.")
            }
        }
        if let output = outputs.first(where: { !given.contains($0.name) }) {
            throw InputError("output '\(output.name)'", "is given by no node", remedy: "The file is damaged.")
        }
    }
}

extension ONNXFile.Value {
    fileprivate init(_ message: Onnx_ValueInfoProto) {
        name = message.name
        dims = message.type.tensorType.shape.dim.map { dimension in
            if dimension.hasDimValue, dimension.dimValue > 0, let length = Int(exactly: dimension.dimValue) {
                return .known(length)
            }
            return dimension.dimParam.isEmpty ? .unknown : .named(dimension.dimParam)
        }
    }
}
