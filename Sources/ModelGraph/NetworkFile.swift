import Tensors

/// A file that a network can be made from: weights whose names tell the architecture, or an ONNX file, which says it itself.
public struct NetworkFile: Sendable {
    private enum Content {
        case weights(WeightsFile)
        case onnx(ONNXFile)
    }

    /// The path as given.
    public let path: String
    private let content: Content
    /// The architecture in words, as `ModelGraph.architecture` has it; nil where the names tell none that is known.
    public var architecture: String? {
        switch content {
        case .weights(let file): ModelGraph.architecture(of: file)
        case .onnx: ModelGraph.onnxArchitecture
        }
    }

    /// Opens the file at `path`; what kind it is, its content says. Throws `InputError` where it cannot be read, is damaged, or
    /// is of another kind.
    public init(path: String) throws {
        self.path = path
        content =
            ONNXFile.looksLikeOne(try MappedFile(path: path))
            ? .onnx(try ONNXFile(path: path)) : .weights(try WeightsFile(path: path))
    }

    /// The height and width of the pictures that the file says its network takes, where it says so.
    public func inputSize(layout: InputLayout? = nil) throws -> (height: Int, width: Int)? {
        guard case .onnx(let file) = content else { return nil }
        return try naming {
            let input = try ONNXInputDescription(file, layout: layout)
            guard let height = input.height, let width = input.width else { return nil }
            return (height, width)
        }
    }

    /// The network for pictures of `height` x `width`. `layout` says how an ONNX network takes their values, where its input's
    /// shape does not show it. With `isPartial`, a network with operators that are not supported ends before the first of them
    /// that its result needs. Throws `InputError` naming the tensor, or the operator and the node, that does not fit.
    public func graph(
        height: Int, width: Int, layout: InputLayout? = nil, isPartial: Bool = false
    ) throws -> ModelGraph {
        switch content {
        case .weights(let file): return try ModelGraph(weights: file)
        case .onnx(let file):
            return try naming {
                let input = try ONNXInputDescription(file, layout: layout).input(height: height, width: width)
                return try ModelGraph(file, input: input, isPartial: isPartial)
            }
        }
    }

    private func naming<Result>(_ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as InputError {
            throw error.object.hasPrefix(path) ? error : error.within(path)
        }
    }
}
