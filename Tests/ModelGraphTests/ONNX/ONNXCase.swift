import Foundation
import ReferenceNetwork
import Tensors

@testable import ModelGraph

/// A small network and what it has to give for a fixed picture.
struct ONNXCase: Sendable {
    let name: String
    let opset: Int64
    /// The dimensions of the input; nil for any length.
    let input: [Int64?]
    let height, width: Int
    /// Adds the nodes to a file whose input is `x`.
    let build: @Sendable (ONNXWriter) -> Void

    init(
        _ name: String, opset: Int64 = 17, input: [Int64?] = [nil, 3, nil, nil], height: Int = 7, width: Int = 6,
        _ build: @escaping @Sendable (ONNXWriter) -> Void
    ) {
        (self.name, self.opset, self.input, self.build) = (name, opset, input, build)
        (self.height, self.width) = (height, width)
    }

    var writer: ONNXWriter {
        let writer = ONNXWriter(opset: opset, input: input)
        build(writer)
        return writer
    }

    /// The network's values for the picture, channels first.
    func outputs() throws -> [Double] {
        let writer = writer
        try keep(writer)
        let graph = try writer.graph(height, width)
        let picture = Self.picture(graph.inputChannels * height * width)
        return try ReferenceNetwork(graph: graph, height: height, width: width).results(for: picture)[graph.outputName]
            ?? []
    }

    /// Numbers that look random and are exact in any precision.
    static func picture(_ count: Int) -> [Float] { (0..<count).map { Float($0 * 37 % 101 - 50) / 32 } }

    /// What `ONNXExpectations` has of values: how many there are, the first, the last, the sum, and a sum that depends on their
    /// order.
    static func digest(_ values: [Double]) -> [Double] {
        let ordered = values.enumerated().map { Double($0 % 13 + 1) * $1 }
        return [
            Double(values.count), values.first ?? .nan, values.last ?? .nan, values.reduce(0, +), ordered.reduce(0, +),
        ]
    }

    /// Keeps the file where expectations are to be made from it.
    private func keep(_ writer: ONNXWriter) throws {
        guard let folder = ProcessInfo.processInfo.environment["FINETUNER_CACHE_ONNX_CASES"] else { return }
        try Data(try writer.bytes()).write(to: URL(fileURLWithPath: "\(folder)/\(name).onnx"))
    }
}
