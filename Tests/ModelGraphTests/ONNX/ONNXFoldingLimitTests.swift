import Foundation
import Tensors
import Testing

@testable import ModelGraph

@Suite("ONNX: a small file cannot ask for much memory")
struct ONNXFoldingLimitTests {
    @Test("ConstantOfShape fills with its value, as many as are allowed")
    func filling() throws {
        #expect(try ONNXFoldingTests.fold("ConstantOfShape", [ONNXConstant([2])]) == .init(shape: [2], floats: [0, 0]))
        var three = Onnx_TensorProto()
        (three.dims, three.dataType, three.int64Data) = ([1], 7, [3])
        let filled = try ONNXFoldingTests.fold("ConstantOfShape", [ONNXConstant([1, 2])], ["value": .tensor(three)])
        #expect(filled == .init(shape: [1, 2], integers: [3, 3]))
        #expect(try ONNXFoldingTests.fold("ConstantOfShape", [ONNXConstant([])]) == .init(shape: [], floats: [0]))
        #expect(try ONNXFoldingTests.fold("ConstantOfShape", [ONNXConstant([1 << 16])]).count == 1 << 16)
        for shape in [[1 << 16 + 1], [1 << 40], [.max, .max], [-1], [.min], [0, .max]] {
            let error = #expect(throws: InputError.self) {
                try ONNXFoldingTests.fold("ConstantOfShape", [ONNXConstant(shape)])
            }
            #expect(error?.fact.contains("asks for an array of") == true, "\(shape)")
        }
        (three.dims, three.int64Data) = ([2], [3, 3])
        #expect(throws: InputError.self) {
            try ONNXFoldingTests.fold("ConstantOfShape", [ONNXConstant([1])], ["value": .tensor(three)])
        }
    }

    @Test("Spreading, gathering and joining are limited as well")
    func growing() throws {
        let row = ONNXConstant(shape: [1, 300], integers: Array(0..<300))
        let column = ONNXConstant(shape: [300, 1], integers: Array(0..<300))
        let zeros = ONNXConstant([Int](repeating: 0, count: 300))
        let long = ONNXConstant([Int](repeating: 0, count: 40_000))
        for (opType, inputs) in [("Add", [row, column]), ("Gather", [row, zeros]), ("Concat", [long, long])] {
            let error = #expect(throws: InputError.self) { try ONNXFoldingTests.fold(opType, inputs, ["axis": 0]) }
            #expect(error?.fact.contains("asks for an array of") == true, "\(opType)")
        }
    }

    @Test("Doubling again and again ends")
    func budget() throws {
        let net = ONNXWriter()
        var last = net.integers([Int64](repeating: 1, count: 1000))
        for _ in 0..<40 { last = net.node("Concat", [last, last], ["axis": 0]) }
        net.node("Add", ["x", last], name: "add")
        let error = #expect(throws: InputError.self) { try net.graph(4, 4) }
        #expect(error?.fact.contains("asks for an array of") == true, "\(error?.description ?? "")")
    }

    @Test("What many nodes ask for together is limited as well")
    func many() throws {
        for count in [3, 5] {
            let net = ONNXWriter()
            let shape = net.integers([1 << 20])
            var last = ""
            for _ in 0..<count { last = net.node("ConstantOfShape", [shape]) }
            net.node("Add", ["x", net.node("Gather", [last, net.integers([0])])])
            if count == 3 {
                #expect(try net.graph(4, 4).layers.count == 1)
            } else {
                let error = #expect(throws: InputError.self) { try net.graph(4, 4) }
                #expect(error?.fact == "asks for an array of [1048576]", "\(error?.description ?? "")")
            }
        }
    }

    @Test("Arrays without values have no dimension that could overflow")
    func empty() throws {
        let empty = ONNXConstant(shape: [0, 60_000], integers: [])
        let none = ONNXConstant([])
        #expect(try ONNXFoldingTests.fold("Transpose", [empty]).shape == [60_000, 0])
        #expect(try ONNXFoldingTests.fold("Gather", [empty, none]).shape == [0, 60_000])
        #expect(
            try ONNXFoldingTests.fold("Slice", [empty, ONNXConstant([0]), ONNXConstant([1])]).shape == [0, 60_000])
        #expect(try ONNXFoldingTests.fold("Add", [empty, ONNXConstant([1])]).shape == [0, 60_000])
        #expect(throws: InputError.self) { try ONNXFoldingTests.fold("Reshape", [empty, ONNXConstant([0, -1, 0])]) }
        #expect(throws: InputError.self) {
            try ONNXFoldingTests.fold("Reshape", [empty, ONNXConstant([0, 1 << 40])])
        }
    }

    @Test("Layers cannot be given more values than can be held")
    func layers() throws {
        let deep = ONNXWriter(input: [nil, 3, nil, nil])
        var last = "x"
        for _ in 0..<64 { last = deep.node("Concat", [last, last], ["axis": 1]) }
        #expect(throws: InputError.self) { try deep.graph(8, 8) }
        let wide = ONNXWriter(input: [nil, 3, nil, nil])
        last = "x"
        for _ in 0..<64 { last = wide.node("Pad", [last, wide.integers([0, 0, 4096, 4096, 0, 0, 4096, 4096])]) }
        wide.node("Relu", [last])
        #expect(throws: InputError.self) { try wide.graph(8, 8) }
        let channels = ONNXWriter(input: [nil, 4096, nil, nil])
        channels.node("Pad", ["x", channels.integers([0, 4096, 0, 0, 0, 4096, 0, 0])])
        #expect(throws: InputError.self) { try channels.graph(1, 1) }
    }

    @Test("Many nodes of one name take no longer than nodes of many names")
    func names() throws {
        let net = ONNXWriter()
        var last = "x"
        for number in 0..<3000 { last = net.node("Relu", [last], name: "relu", outputs: ["y\(number)"]) }
        let names = try net.graph(1, 1).layers.map(\.name)
        #expect(names.first == "relu" && names[1] == "relu_1" && names.last == "relu_2999")
    }
}
