import Foundation
import Tensors
import Testing

@testable import ModelGraph

@Suite("Tensors of ONNX files: every type of numbers, in both ways in which they are stored")
struct ONNXTensorTests {
    /// ONNX's number for a type, and the values -2, 0, 1.5 or 1, 3 in its bytes, little-endian.
    private static let raw: [(type: Int32, bytes: [UInt8], values: [Float])] = [
        (1, [0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0xC0, 0x3F, 0, 0, 0x40, 0x40], [-2, 0, 1.5, 3]),
        (10, [0, 0xC0, 0, 0, 0, 0x3E, 0, 0x42], [-2, 0, 1.5, 3]),
        (16, [0, 0xC0, 0, 0, 0xC0, 0x3F, 0x40, 0x40], [-2, 0, 1.5, 3]),
        (
            11,
            [
                0, 0, 0, 0, 0, 0, 0, 0xC0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xF8, 0x3F, 0, 0, 0, 0, 0, 0, 8,
                0x40,
            ],
            [-2, 0, 1.5, 3]
        ),
        (2, [254, 0, 1, 3], [254, 0, 1, 3]),
        (3, [254, 0, 1, 3], [-2, 0, 1, 3]),
        (5, [254, 255, 0, 0, 1, 0, 3, 0], [-2, 0, 1, 3]),
        (6, [254, 255, 255, 255, 0, 0, 0, 0, 1, 0, 0, 0, 3, 0, 0, 0], [-2, 0, 1, 3]),
        (
            7,
            [254] + [UInt8](repeating: 255, count: 7) + [UInt8](repeating: 0, count: 8) + [1, 0, 0, 0, 0, 0, 0, 0]
                + [3, 0, 0, 0, 0, 0, 0, 0],
            [-2, 0, 1, 3]
        ),
        (9, [1, 0, 1, 1], [1, 0, 1, 1]),
    ]

    private func check(_ message: Onnx_TensorProto, _ values: [Float]) throws {
        let tensor = try ONNXTensor(message, named: "t")
        #expect(tensor.floats() == values, "type \(message.dataType)")
        let constant = try ONNXConstant(tensor)
        #expect(constant.floats == values && constant.shape == [2, 2], "type \(message.dataType)")
        if tensor.holdsIntegers {
            #expect(try tensor.integers() == values.map { Int($0) }, "type \(message.dataType)")
        } else {
            #expect(throws: InputError.self) { try tensor.integers() }
        }
    }

    @Test("As bytes", arguments: raw.indices)
    func bytes(number: Int) throws {
        let (type, bytes, values) = Self.raw[number]
        var message = Onnx_TensorProto()
        (message.dims, message.dataType, message.rawData) = ([2, 2], type, Data(bytes))
        try check(message, values)
        // At an odd place in memory.
        message.rawData = (Data([7]) + Data(bytes)).dropFirst()
        try check(message, values)
        message.rawData = Data(bytes.dropLast())
        let error = #expect(throws: InputError.self) { try ONNXTensor(message, named: "t") }
        #expect(error?.fact.hasSuffix("the file has \(bytes.count - 1)") == true, "\(error?.description ?? "")")
    }

    @Test("As numbers of the field for the type", arguments: raw.indices)
    func fields(number: Int) throws {
        let (type, bytes, values) = Self.raw[number]
        var message = Onnx_TensorProto()
        (message.dims, message.dataType) = ([2, 2], type)
        switch type {
        case 1: message.floatData = values
        case 11: message.doubleData = values.map(Double.init)
        case 7: message.int64Data = values.map { Int64($0) }
        // The bits of each number in an integer of its own.
        case 10, 16:
            message.int32Data = stride(from: 0, to: bytes.count, by: 2).map {
                Int32(bytes[$0]) | Int32(bytes[$0 + 1]) << 8
            }
        default: message.int32Data = values.map { Int32($0) }
        }
        try check(message, values)
        message.dims = [3]
        #expect(throws: InputError.self) { try ONNXTensor(message, named: "t") }
    }

    @Test("Scalars, empty arrays, and the largest integers")
    func edges() throws {
        var message = Onnx_TensorProto()
        (message.dataType, message.int64Data) = (7, [.min])
        #expect(try ONNXConstant(try ONNXTensor(message, named: "t")) == ONNXConstant(shape: [], integers: [.min]))
        (message.dims, message.int64Data) = ([0], [])
        #expect(try ONNXConstant(try ONNXTensor(message, named: "t")) == ONNXConstant([]))
        (message.dims, message.rawData) = ([0, 4], Data())
        #expect(try ONNXConstant(try ONNXTensor(message, named: "t")).count == 0)
        message.dims = [0, 1 << 40]
        #expect(throws: InputError.self) { try ONNXTensor(message, named: "t") }
    }
}
