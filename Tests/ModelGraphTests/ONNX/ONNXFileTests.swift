import Foundation
import SwiftProtobuf
import Tensors
import Testing

@testable import ModelGraph

@Suite("ONNX files: what is wrong with one is told by object, fact and remedy")
struct ONNXFileTests {
    typealias Change = @Sendable (ONNXWriter) -> Void

    /// Conv, Relu; changed to be wrong in one way.
    private static func bytes(_ change: Change = { _ in }) throws -> [UInt8] {
        let net = ONNXWriter()
        let weight = net.floats([2, 3, 1, 1], [1, 2, 3, 4, 5, 6], name: "w")
        net.node("Relu", [net.node("Conv", ["x", weight], name: "conv")], name: "relu")
        change(net)
        return try net.bytes()
    }

    private static func refusal(_ bytes: [UInt8]) throws -> (error: InputError?, path: String) {
        try withFile(bytes) { path in
            (
                #expect(throws: InputError.self) {
                    // Where the file does not even begin as one, `NetworkFile` takes it for weights.
                    _ = try ONNXFile(path: path)
                    _ = try NetworkFile(path: path).graph(height: 4, width: 4)
                }, path
            )
        }
    }

    /// Keeps the weights as whole numbers of an ONNX type.
    private static func integers(_ net: ONNXWriter, _ type: Int32, _ numbers: [Int32]) {
        net.model.graph.initializer[0].floatData = []
        net.model.graph.initializer[0].dataType = type
        net.model.graph.initializer[0].int32Data = numbers
    }

    /// What is wrong; what the error is about, says and advises.
    private static let faults: [(change: Change, object: String, fact: String, remedy: String)] = [
        ({ $0.model.clearGraph() }, "file", "holds no network", "again"),
        ({ $0.model.graph.node = [] }, "file", "holds no network", "again"),
        ({ $0.model.opsetImport[0].version = 6 }, "file", "version 6", "opset 17"),
        ({ $0.model.opsetImport[0].version = 22 }, "file", "version 22", "opset 17"),
        ({ $0.model.opsetImport[0].version = .min }, "file", "version -9", "opset 17"),
        ({ $0.model.opsetImport = [] }, "file", "version none", "opset 17"),
        ({ $0.model.opsetImport[0].domain = "com.acme" }, "file", "version none", "opset 17"),
        ({ $0.model.graph.node[1].domain = "com.acme" }, "node 'relu'", "domain 'com.acme'", "ONNX's own"),
        ({ $0.model.functions = [Data([0])] }, "file", "defines functions", "ONNX's own"),
        ({ $0.model.graph.sparseInitializer = [Data([0])] }, "file", "sparse weights", "dense"),
        ({ $0.model.graph.initializer[0].dataLocation = 1 }, "tensor 'w'", "in another file", "save_as_external_data"),
        ({ $0.model.graph.initializer[0].segment = Data([8, 0]) }, "tensor 'w'", "segments", "as one"),
        ({ $0.model.graph.initializer[0].dataType = 8 }, "tensor 'w'", "ONNX type 8", "Supported are"),
        ({ $0.model.graph.initializer[0].dataType = 99 }, "tensor 'w'", "ONNX type 99", "Supported are"),
        ({ $0.model.graph.initializer[0].dims = [2, 3, 1, 2] }, "tensor 'w'", "48 bytes; the file has 24", "damaged"),
        ({ $0.model.graph.initializer[0].dims = [2, -3, -1, 1] }, "tensor 'w'", "[2, -3, -1, 1]", "damaged"),
        ({ $0.model.graph.initializer[0].dims = [.max, .max, 2] }, "tensor 'w'", "no file can hold", "damaged"),
        ({ $0.model.graph.initializer[0].dims = [0, .max, .max] }, "tensor 'w'", "no file can hold", "damaged"),
        ({ $0.model.graph.initializer.append($0.model.graph.initializer[0]) }, "tensor 'w'", "there twice", "damaged"),
        ({ $0.model.graph.initializer[0].name = "" }, "file", "weights without a name", "damaged"),
        ({ $0.model.graph.initializer[0].int32Data = [1] }, "tensor 'w'", "in two forms", "damaged"),
        ({ $0.model.graph.initializer[0].rawData = Data(count: 24) }, "tensor 'w'", "in two forms", "damaged"),
        ({ integers($0, 2, [0, 256, 0, 0, 0, 0]) }, "tensor 'w'", "its type cannot hold", "damaged"),
        ({ integers($0, 3, [0, -129, 0, 0, 0, 0]) }, "tensor 'w'", "its type cannot hold", "damaged"),
        ({ integers($0, 9, [0, 2, 0, 0, 0, 0]) }, "tensor 'w'", "its type cannot hold", "damaged"),
        ({ integers($0, 10, [0, 65536, 0, 0, 0, 0]) }, "tensor 'w'", "its type cannot hold", "damaged"),
        (
            { $0.model.opsetImport.append($0.model.opsetImport[0]) }, "file", "operators of two versions", "damaged"
        ),
        ({ $0.model.graph.node[1].output = ["conv_out"] }, "node 'relu'", "gives 'conv_out'", "damaged"),
        ({ $0.model.graph.node[1].output = ["x"] }, "node 'relu'", "gives 'x'", "damaged"),
        ({ $0.model.graph.node[1].input = ["y"] }, "node 'relu'", "takes 'y', which nothing before", "damaged"),
        ({ $0.model.graph.node.swapAt(0, 1) }, "node 'relu'", "takes 'conv_out', which nothing before", "damaged"),
        ({ $0.addInput("mask", [1, 3]) }, "network", "takes 2 inputs (x, mask)", "a picture alone"),
        ({ $0.model.graph.input = [] }, "node 'conv'", "takes 'x'", "damaged"),
        ({ $0.model.graph.input[0] = ONNXWriter.value("x", [nil, 3]) }, "input 'x'", "2 dimensions", "pictures"),
        ({ $0.model.graph.input[0] = ONNXWriter.value("x", nil) }, "input 'x'", "0 dimensions", "pictures"),
        (
            { $0.model.graph.input[0] = ONNXWriter.value("x", [nil, .max, 4, nil]) }, "input 'x'", "is of",
            "up to 65536"
        ),
        ({ $0.model.graph.initializer[0].floatData[3] = .nan }, "node 'conv'", "NaN or infinite", "diverged"),
        ({ $0.model.graph.initializer[0].floatData[3] = .infinity }, "node 'conv'", "NaN or infinite", "diverged"),
        ({ $0.model.graph.output = [ONNXWriter.value("x", nil)] }, "network", "gives back the picture", "no layers"),
        ({ $0.model.graph.output = [ONNXWriter.value("z", nil)] }, "output 'z'", "given by no node", "damaged"),
        (
            { $0.model.graph.output = [ONNXWriter.value("w", nil)] }, "output 'w'", "not depend on the picture",
            "features"
        ),
    ]

    @Test("One fault each", arguments: faults.indices)
    func fault(number: Int) throws {
        let fault = Self.faults[number]
        let (error, path) = try Self.refusal(try Self.bytes(fault.change))
        let text = error?.description ?? ""
        #expect(error?.object.hasPrefix(path) == true && error?.object.contains(fault.object) == true, "\(text)")
        #expect(error?.fact.contains(fault.fact) == true, "\(text)")
        #expect(error?.remedy.contains(fault.remedy) == true, "\(text)")
    }

    /// Attributes that no node may have.
    private static let attributes: [(attribute: @Sendable (inout Onnx_AttributeProto) -> Void, fact: String)] = [
        ({ ($0.type, $0.g) = (5, Data([1])) }, "network of its own"),
        ({ $0.type = 10 }, "network of its own"),
        ({ $0.refAttrName = "outer" }, "that of a function"),
        ({ $0.type = 42 }, "of the type 42"),
        ({ ($0.name, $0.type, $0.f) = ("strides", 1, 2) }, "'strides' of another type"),
        ({ ($0.type, $0.t.dims, $0.t.dataType) = (4, [3], 1) }, "claims [3]: 12 bytes; the file has 0"),
    ]

    @Test("Attributes that no node may have, and two of one name", arguments: attributes.indices)
    func attribute(number: Int) throws {
        var attribute = Onnx_AttributeProto()
        attribute.name = "body"
        Self.attributes[number].attribute(&attribute)
        let bad = attribute
        let (error, _) = try Self.refusal(try Self.bytes { $0.model.graph.node[1].attribute = [bad] })
        #expect(error?.object.contains("operator Relu, node 'relu'") == true, "\(error?.description ?? "")")
        #expect(error?.fact.contains(Self.attributes[number].fact) == true, "\(error?.description ?? "")")
        let twin = ONNXSetting.int(1).attribute("group")
        let (twice, _) = try Self.refusal(try Self.bytes { $0.model.graph.node[0].attribute = [twin, twin] })
        #expect(twice?.fact == "has two attributes 'group'")
    }

    @Test("Cut off anywhere, empty, of another kind, or nested without end, a file is refused")
    func damaged() throws {
        let whole = try Self.bytes()
        for length in whole.indices {
            let (error, _) = try Self.refusal(Array(whole[..<length]))
            #expect(error?.remedy.isEmpty == false, "\(length) of \(whole.count)")
        }
        let nested = [UInt8](repeating: 0xFB, count: 5000)  // the beginning of a group, in a group, in a group
        for bytes in [Array("<html><body>Not found</body></html>".utf8), nested, whole + nested] {
            #expect(try Self.refusal(bytes).error?.fact.contains("cannot be decoded") == true)
        }
        #expect(throws: InputError.self) { try ONNXFile(path: "/does/not/exist.onnx") }
    }

    @Test("A tensor that claims gigabytes, and a file that has them, are refused without taking the memory")
    func large() throws {
        let (error, _) = try Self.refusal(
            try Self.bytes {
                $0.model.graph.initializer[0].dims = [750, 1_000_000]
                $0.model.graph.initializer[0].clearRawData()
                $0.model.graph.initializer[0].floatData = [Float](repeating: 1, count: 25)
            })
        #expect(error?.fact == "claims [750, 1000000]: 3000000000 bytes; the file has 100")
        try withFile(try Self.bytes()) { path in
            let file = try #require(FileHandle(forWritingAtPath: path))
            try file.truncate(atOffset: 1 << 31)
            try file.close()
            let error = #expect(throws: InputError.self) { try NetworkFile(path: path) }
            #expect(error?.fact == "has 2147483648 bytes, and an ONNX file at most 2147483647")
        }
    }

    @Test("Initializers among the inputs, the long name of the domain, metadata and unknown fields do no harm")
    func harmless() throws {
        let bytes = try Self.bytes { net in
            net.addInput("w", [2, 3, 1, 1])
            net.model.opsetImport[0].domain = "ai.onnx"
            var property = Onnx_StringStringEntryProto()
            (property.key, property.value) = ("mean", "0.5")
            net.model.metadataProps = [property]
        }
        try withFile(bytes + [0xFA, 0x3E, 1, 7]) { path in
            let file = try ONNXFile(path: path)
            #expect(file.inputs.map(\.name) == ["x"] && file.metadata == ["mean": "0.5"])
            #expect(try NetworkFile(path: path).graph(height: 2, width: 2).layers.map(\.name) == ["conv", "relu"])
        }
    }
}
