import Tensors

extension ONNXImport {
    typealias Handler = @Sendable (inout ONNXImport, ONNXNode) throws -> Void

    /// What each operator of the default domain becomes.
    static let handlers: [String: Handler] = [
        "Conv": { try $0.addConvolution($1) },
        "BatchNormalization": { try $0.addBatchNormalization($1) },
        "Gemm": { try $0.addGemm($1) },
        "MatMul": { try $0.addMatMul($1) },
        "Relu": { try $0.addActivation(.relu, $1) },
        "LeakyRelu": { try $0.addActivation(.leakyRelu(slope: $1.finite("alpha", else: 0.01)), $1) },
        "Clip": { try $0.addClip($1) },
        "Sigmoid": { try $0.addActivation(.sigmoid, $1) },
        "HardSigmoid": {
            try $0.addActivation(
                .hardSigmoid(slope: $1.finite("alpha", else: 0.2), offset: $1.finite("beta", else: 0.5)), $1)
        },
        "HardSwish": { try $0.addActivation(.hardSwish, $1) },
        "Tanh": { try $0.addActivation(.tanh, $1) },
        "Elu": { try $0.addActivation(.elu(scale: $1.finite("alpha", else: 1)), $1) },
        "Gelu": { try $0.addGelu($1) },
        "Softmax": { try $0.addSoftmax($1) },
        "MaxPool": { try $0.addMaxPool($1) },
        "AveragePool": { try $0.addAveragePool($1) },
        "GlobalAveragePool": { try $0.addGlobalPool(.average, $1) },
        "GlobalMaxPool": { try $0.addGlobalPool(.max, $1) },
        "ReduceMean": { try $0.addReduction(.average, $1, axesAreInputSince: 18) },
        "ReduceMax": { try $0.addReduction(.max, $1, axesAreInputSince: 18) },
        "Add": { try $0.addArithmetic(.add, $1) },
        "Sub": { try $0.addArithmetic(.subtract, $1) },
        "Mul": { try $0.addArithmetic(.multiply, $1) },
        "Div": { try $0.addArithmetic(.divide, $1) },
        "Concat": { try $0.addConcatenation($1) },
        "Flatten": { try $0.addFlatten($1) },
        "Reshape": { try $0.addReshape($1) },
        "Squeeze": { try $0.addSqueeze($1) },
        "Unsqueeze": { try $0.addUnsqueeze($1) },
        "Transpose": { try $0.addTranspose($1) },
        "Pad": { try $0.addPad($1) },
        "Slice": { try $0.addSlice($1) },
        "Split": { try $0.addSplit($1) },
        "Dropout": { try $0.addAlias($1) },
        "Identity": { try $0.addAlias($1) },
        "Cast": { try $0.addCast($1) },
        "Shape": { try $0.addShape($1) },
        // Only ever of numbers; see `folded`.
        "Constant": { throw $0.needsNumbers($1) },
        "ConstantOfShape": { throw $0.needsNumbers($1) },
        "Gather": { throw $0.needsNumbers($1) },
        "Neg": { throw $0.needsNumbers($1) },
        "Sqrt": { throw $0.needsNumbers($1) },
        "Floor": { throw $0.needsNumbers($1) },
        "Ceil": { throw $0.needsNumbers($1) },
    ]

    private func needsNumbers(_ node: ONNXNode) -> InputError {
        ONNXFault(node, "is supported for shapes and weights only, not for what depends on the picture")
    }

    mutating func addAlias(_ node: ONNXNode) throws {
        guard let value = try value(node, 0) else { throw ONNXFault(node, "has no input") }
        define(node, value)
    }

    /// Only the types of floats keep what depends on the picture.
    mutating func addCast(_ node: ONNXNode) throws {
        guard let type = node.integer("to"), [1, 10, 11, 16].contains(type) else {
            throw ONNXFault(node, "makes whole numbers of what depends on the picture")
        }
        try addAlias(node)
    }

    mutating func addShape(_ node: ONNXNode) throws {
        define(node, .constant(ONNXConstant(Self.shapePart(dimensions(try unpaddedView(node)), node))))
    }

    /// What a Shape node takes of a shape.
    static func shapePart(_ all: [Int], _ node: ONNXNode) -> [Int] {
        let start = clamped(node.integer("start") ?? 0, all.count)
        let end = clamped(node.integer("end") ?? all.count, all.count)
        return start < end ? Array(all[start..<end]) : []
    }

    /// Where Flatten splits the dimensions of its input: before one of them, or behind the last.
    static func flattenAxis(_ node: ONNXNode, _ rank: Int) throws -> Int {
        let number = node.integer("axis") ?? 1
        guard (-rank...rank).contains(number) else {
            throw ONNXFault(node, "names the dimension \(number) of \(rank)", remedy: "The file is damaged.")
        }
        return number < 0 ? number + rank : number
    }

    /// A position that may count from the end, within `0...count`.
    static func clamped(_ position: Int, _ count: Int) -> Int {
        min(max(position < 0 ? position + count : position, 0), count)
    }

    /// The position of an axis that may count from the end.
    func axis(_ number: Int, of rank: Int, _ node: ONNXNode) throws -> Int {
        guard (-rank..<rank).contains(number) else {
            throw ONNXFault(node, "names the dimension \(number) of \(rank)", remedy: "The file is damaged.")
        }
        return number < 0 ? number + rank : number
    }
}
