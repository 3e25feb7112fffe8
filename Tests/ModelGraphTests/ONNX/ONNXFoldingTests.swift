import Foundation
import Tensors
import Testing

@testable import ModelGraph

@Suite("ONNX: what is known without a picture is computed as NumPy would")
struct ONNXFoldingTests {
    /// Two rows of three.
    static let matrix = ONNXConstant(shape: [2, 3], integers: [1, 2, 3, 4, 5, 6])

    /// The result of one operator; inputs that are nil are left out.
    static func fold(
        _ opType: String, _ inputs: [ONNXConstant?], _ settings: [String: ONNXSetting] = [:], opset: Int = 17
    ) throws -> ONNXConstant {
        var message = Onnx_NodeProto()
        message.opType = opType
        message.attribute = settings.map { $1.attribute($0) }
        guard case .some(.some(let first)) = inputs.first else { throw InputError(opType, "has no first input") }
        return try ONNXFolding(
            node: try ONNXNode(message, number: 0), opset: opset, first: first, others: Array(inputs.dropFirst()),
            limit: 1 << 16
        ).result()
    }

    private func floats(_ values: Float...) -> ONNXConstant { ONNXConstant(shape: [values.count], floats: values) }

    @Test("Gather: from the end, along an axis, by a scalar")
    func gather() throws {
        let m = Self.matrix
        #expect(
            try Self.fold("Gather", [m, ONNXConstant([-1, 0])]) == .init(shape: [2, 3], integers: [4, 5, 6, 1, 2, 3]))
        let scalar = ONNXConstant(shape: [], integers: [-3])
        #expect(try Self.fold("Gather", [m, scalar], ["axis": -1]) == ONNXConstant([1, 4]))
        let square = ONNXConstant(shape: [1, 2], integers: [2, 0])
        #expect(try Self.fold("Gather", [m, square], ["axis": 1]) == .init(shape: [2, 1, 2], integers: [3, 1, 6, 4]))
        for indices in [[2], [-3], [.min], [.max]] {
            #expect(throws: InputError.self) { try Self.fold("Gather", [m, ONNXConstant(indices)]) }
        }
        for axis in [2, -3, Int64.min] {
            #expect(throws: InputError.self) { try Self.fold("Gather", [m, scalar], ["axis": .int(axis)]) }
        }
        #expect(throws: InputError.self) { try Self.fold("Gather", [m, floats(0.5)]) }
        #expect(throws: InputError.self) { try Self.fold("Gather", [m, nil]) }
        #expect(throws: InputError.self) { try Self.fold("Gather", [scalar, scalar]) }
    }

    @Test("Concat along both axes, and of integers with floats")
    func concat() throws {
        let m = Self.matrix
        let row = ONNXConstant(shape: [1, 3], integers: [7, 8, 9])
        #expect(
            try Self.fold("Concat", [m, row], ["axis": 0])
                == .init(shape: [3, 3], integers: [1, 2, 3, 4, 5, 6, 7, 8, 9]))
        #expect(
            try Self.fold("Concat", [row, row], ["axis": -1]) == .init(shape: [1, 6], integers: [7, 8, 9, 7, 8, 9]))
        let column = ONNXConstant(shape: [2, 1], integers: [7, 8])
        #expect(
            try Self.fold("Concat", [m, column], ["axis": 1])
                == .init(shape: [2, 4], integers: [1, 2, 3, 7, 4, 5, 6, 8]))
        #expect(try Self.fold("Concat", [ONNXConstant([1]), floats(0.5)], ["axis": 0]) == floats(1, 0.5))
        #expect(throws: InputError.self) { try Self.fold("Concat", [m, row], ["axis": 1]) }
        #expect(throws: InputError.self) { try Self.fold("Concat", [m, ONNXConstant([1])], ["axis": 0]) }
    }

    @Test("Slice: from the end, backward, along several axes, in the old form")
    func slice() throws {
        let m = Self.matrix
        let list = { (values: Int...) in ONNXConstant(values) }
        let ten = ONNXConstant(Array(0..<10))
        #expect(try Self.fold("Slice", [ten, list(-3), list(.max)]) == list(7, 8, 9))
        #expect(try Self.fold("Slice", [ten, list(-1), list(.min), nil, list(-4)]) == list(9, 5, 1))
        #expect(try Self.fold("Slice", [ten, list(-1), list(.min), nil, list(-3)]) == list(9, 6, 3, 0))
        #expect(try Self.fold("Slice", [ten, list(7), list(2), list(0), list(-2)]) == list(7, 5, 3))
        #expect(try Self.fold("Slice", [ten, list(.max), list(-11), list(0), list(.min)]) == list(9))
        #expect(try Self.fold("Slice", [ten, list(.min), list(.max), list(0), list(.max)]) == list(0))
        #expect(try Self.fold("Slice", [ten, list(5), list(5)]) == list())
        #expect(
            try Self.fold("Slice", [m, list(1, -2), list(2, 99), list(0, 1)])
                == .init(shape: [1, 2], integers: [5, 6]))
        #expect(
            try Self.fold("Slice", [m], ["starts": [1], "ends": [3], "axes": [1]], opset: 9)
                == .init(shape: [2, 2], integers: [2, 3, 5, 6]))
        for wrong in [
            [m, list(0), list(1), list(2)], [m, list(0), list(1), list(0), list(0)], [m, list(0, 0), list(1)],
        ] {
            #expect(throws: InputError.self) { try Self.fold("Slice", wrong) }
        }
        #expect(throws: InputError.self) { try Self.fold("Slice", [m]) }
    }

    @Test("Squeeze and Unsqueeze in both forms, Flatten, Transpose, Shape")
    func rearranging() throws {
        let column = ONNXConstant(shape: [1, 3, 1], integers: [1, 2, 3])
        #expect(try Self.fold("Squeeze", [column]).shape == [3])
        #expect(try Self.fold("Squeeze", [column, ONNXConstant([-1])]).shape == [1, 3])
        #expect(try Self.fold("Squeeze", [column], ["axes": [0]], opset: 11).shape == [3, 1])
        #expect(throws: InputError.self) { try Self.fold("Squeeze", [column, ONNXConstant([1])]) }
        #expect(try Self.fold("Unsqueeze", [column, ONNXConstant([0, -1])]).shape == [1, 1, 3, 1, 1])
        #expect(try Self.fold("Unsqueeze", [column], ["axes": [1]], opset: 11).shape == [1, 1, 3, 1])
        for axes in [[2, 2], [5], [-6], [.min], [3, 3, 3, 3]] {
            #expect(throws: InputError.self) { try Self.fold("Unsqueeze", [column, ONNXConstant(axes)]) }
        }
        let cube = ONNXConstant(shape: [2, 1, 3], integers: [1, 2, 3, 4, 5, 6])
        for (axis, shape) in [(0, [1, 6]), (1, [2, 3]), (3, [6, 1]), (-1, [2, 3]), (-3, [1, 6])] {
            #expect(try Self.fold("Flatten", [cube], ["axis": .int(Int64(axis))]).shape == shape, "\(axis)")
        }
        #expect(try Self.fold("Transpose", [Self.matrix]) == .init(shape: [3, 2], integers: [1, 4, 2, 5, 3, 6]))
        #expect(
            try Self.fold("Transpose", [cube], ["perm": [2, 0, 1]])
                == .init(shape: [3, 2, 1], integers: [1, 4, 2, 5, 3, 6]))
        for order: ONNXSetting in [[0, 0, 1], [0, 1], [0, 1, 3], [-1, 0, 1]] {
            #expect(throws: InputError.self) { try Self.fold("Transpose", [cube], ["perm": order]) }
        }
        #expect(try Self.fold("Shape", [cube]) == ONNXConstant([2, 1, 3]))
        #expect(try Self.fold("Shape", [cube], ["start": -2]) == ONNXConstant([1, 3]))
        #expect(try Self.fold("Shape", [cube], ["start": 1, "end": -1]) == ONNXConstant([1]))
        #expect(try Self.fold("Shape", [cube], ["start": .int(.max), "end": .int(.min)]) == ONNXConstant([]))
    }

    @Test("Reshape with 0 and -1")
    func reshape() throws {
        let m = Self.matrix
        #expect(
            try Self.fold("Reshape", [m, ONNXConstant([0, 1, -1])]) == .init(shape: [2, 1, 3], integers: Array(1...6)))
        #expect(try Self.fold("Reshape", [m, ONNXConstant([-1])]).shape == [6])
        let empty = ONNXConstant(shape: [0, 2], integers: [])
        #expect(try Self.fold("Reshape", [empty, ONNXConstant([2, 0])], ["allowzero": 1]).shape == [2, 0])
        for wrong in [[-1, -1], [4, -1], [7], [0, 0, 0], [.max, .max], [.min], [0, .max, -1], [-2, -3]] {
            #expect(throws: InputError.self) { try Self.fold("Reshape", [m, ONNXConstant(wrong)]) }
        }
        #expect(throws: InputError.self) { try Self.fold("Reshape", [m]) }
    }

    @Test("Cast cuts toward zero, knows truth, and refuses what no integer is")
    func cast() throws {
        #expect(try Self.fold("Cast", [floats(1.9, -1.9, 0)], ["to": 7]) == ONNXConstant([1, -1, 0]))
        #expect(try Self.fold("Cast", [floats(0.5, 0)], ["to": 9]) == ONNXConstant([1, 0]))
        #expect(try Self.fold("Cast", [ONNXConstant([.max])], ["to": 7]) == ONNXConstant([.max]))
        #expect(try Self.fold("Cast", [ONNXConstant([3])], ["to": 1]) == floats(3))
        for value in [Float.nan, .infinity, 1e30, -1e30] {
            #expect(throws: InputError.self) { try Self.fold("Cast", [floats(value)], ["to": 7]) }
        }
        for type in [8, 99] {
            #expect(throws: InputError.self) { try Self.fold("Cast", [floats(1)], ["to": .int(Int64(type))]) }
        }
        #expect(throws: InputError.self) { try Self.fold("Cast", [floats(1)]) }
    }

    @Test("Arithmetic spreads dimensions of 1; integers stay whole, and neither overflow nor divide by zero")
    func arithmetic() throws {
        let m = Self.matrix
        let column = ONNXConstant(shape: [2, 1], integers: [10, 20])
        #expect(try Self.fold("Add", [m, column]) == .init(shape: [2, 3], integers: [11, 12, 13, 24, 25, 26]))
        #expect(
            try Self.fold("Sub", [ONNXConstant([1, 2, 3]), column]).values == .integers([-9, -8, -7, -19, -18, -17]))
        #expect(try Self.fold("Div", [ONNXConstant([7, -7]), ONNXConstant([2])]) == ONNXConstant([3, -3]))
        #expect(try Self.fold("Mul", [ONNXConstant([3]), floats(0.5)]) == floats(1.5))
        #expect(try Self.fold("Div", [floats(1), floats(0)]) == floats(.infinity))
        #expect(try Self.fold("Neg", [ONNXConstant([1 << 60 + 1])]) == ONNXConstant([-1 << 60 - 1]))
        #expect(try Self.fold("Sqrt", [floats(9)]) == floats(3))
        #expect(try Self.fold("Floor", [floats(-1.5)]) == floats(-2))
        #expect(try Self.fold("Ceil", [floats(-1.5)]) == floats(-1))
        let overflows: [(String, Int, Int)] = [
            ("Add", .max, 1), ("Sub", .min, 1), ("Mul", .max, 2), ("Div", 1, 0), ("Div", .min, -1),
        ]
        for (opType, a, b) in overflows {
            let error = #expect(throws: InputError.self) {
                try Self.fold(opType, [ONNXConstant([a]), ONNXConstant([b])])
            }
            #expect(error?.fact == "overflows or divides by zero", "\(opType)")
        }
        #expect(throws: InputError.self) { try Self.fold("Neg", [ONNXConstant([.min])]) }
        #expect(throws: InputError.self) { try Self.fold("Add", [m, ONNXConstant([1, 2])]) }
        #expect(throws: InputError.self) { try Self.fold("Add", [m]) }
        #expect(throws: InputError.self) { try Self.fold("Relu", [m]) }
    }
}
