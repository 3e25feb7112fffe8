import Testing

@testable import ModelGraph

@Suite("ONNX operators give onnxruntime's numbers")
struct ONNXImportTests {
    static let cases: [ONNXCase] = ONNXCase.windows + ONNXCase.elementwise + ONNXCase.structure

    @Test("Every operator, in each form that versions have", arguments: cases.map(\.name))
    func numbers(name: String) throws {
        let sample = try #require(Self.cases.first { $0.name == name })
        let found: [Double] = ONNXCase.digest(try sample.outputs())
        let expected: [Double] = try #require(ONNXExpectations.digests[name])
        for (value, truth) in zip(found, expected) {
            #expect(abs(value - truth) < 2e-5 * max(1, abs(truth)), "\(found), not \(expected)")
        }
    }

    @Test("There is an expectation for each network, and a network for each operator")
    func completeness() {
        #expect(Set(Self.cases.map(\.name)) == Set(ONNXExpectations.digests.keys))
        #expect(Self.cases.count == Set(Self.cases.map(\.name)).count)
        let tested = Set(Self.cases.flatMap { $0.writer.model.graph.node.map(\.opType) })
        // These are for numbers alone; see the tests of folding.
        let folded: Set = ["Constant", "ConstantOfShape", "Neg", "Sqrt", "Floor", "Ceil"]
        #expect(Set(ONNXImport.handlers.keys).subtracting(folded) == tested)
    }
}
