import Tensors
import Testing

@testable import ModelGraph

@Suite("FeatureShape")
struct FeatureShapeTests {
    @Test("Windows that do not fit give no output; those that do, as many as torch says")
    func windows() throws {
        #expect(Window(size: 7, stride: 2, padding: .all(3)).outputSize(height: 224, width: 80) ?? (0, 0) == (112, 40))
        #expect(Window(size: 3).outputSize(height: 2, width: 9) == nil)
        #expect(Window(size: 3, stride: 2, padding: .same).outputSize(height: 5, width: 6) ?? (0, 0) == (3, 3))
        let odd = Window(size: 3, stride: 2, padding: .same).resolvedPadding(height: 6, width: 5)
        #expect([odd.top, odd.left, odd.bottom, odd.right] == [0, 1, 1, 1])
    }

    @Test("A picture too small for the network is an error that names the layer")
    func tooSmall() throws {
        let convolution = Convolution(
            weight: DenseTensor(shape: [1, 3, 5, 5], elements: [Float](repeating: 0, count: 75)), padding: .all(0))
        let graph = ModelGraph(
            architecture: "one", layers: [Layer("conv", .convolution(convolution), inputs: [ModelGraph.inputName])])
        #expect(try graph.shapes(height: 5, width: 9)["conv"] == .map(channels: 1, height: 1, width: 5))
        let error = #expect(throws: InputError.self) { try graph.shapes(height: 4, width: 9) }
        #expect(error?.object == "layer 'conv'")
        #expect(FeatureShape.map(channels: 2, height: 3, width: 4).description == "2x3x4")
        #expect(FeatureShape.map(channels: 2, height: 3, width: 4).elementCount == 24)
    }
}
