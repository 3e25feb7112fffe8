import ModelGraph
import Tensors
import Testing

@testable import Backbones

@Suite("Batch normalization as scale and shift")
struct BatchNormalizationFoldingTests {
    private let normalization = BatchNormalization(
        scale: DenseTensor(shape: [2], elements: [2, -3]), shift: DenseTensor(shape: [2], elements: [1, 0.5]),
        mean: DenseTensor(shape: [2], elements: [4, -1]), variance: DenseTensor(shape: [2], elements: [3.75, 0]),
        epsilon: 0.25)

    @Test("scale and shift follow from the statistics")
    func scaleAndShift() {
        let (scale, shift) = normalization.scaleAndShift
        #expect(scale == [1, -6])
        #expect(shift == [-3, -5.5])
    }

    @Test("a folded convolution has scaled kernels and a bias, its own bias scaled too", arguments: [true, false])
    func folding(hasBias: Bool) {
        let convolution = Convolution(
            weight: DenseTensor(shape: [2, 1, 1, 2], elements: [1, 2, 3, 4]),
            bias: hasBias ? DenseTensor(shape: [2], elements: [10, 20]) : nil, padding: .all(0))
        let folded = convolution.folding(normalization)
        #expect(folded.weight.elements == [1, 2, -18, -24])
        #expect(folded.bias?.elements == (hasBias ? [7, -125.5] : [-3, -5.5]))
        #expect(folded.window == convolution.window && folded.groups == convolution.groups)
    }
}
