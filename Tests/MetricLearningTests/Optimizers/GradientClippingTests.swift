import Tensors
import Testing

@testable import MetricLearning

@Suite("Clipping by the global norm")
struct GradientClippingTests {
    private let gradients = [
        Matrix.random(1, 140_003, seed: 1), .random(3, 5, seed: 2), Matrix(rows: 0, columns: 4),
        .random(1, 17, seed: 3),
    ]

    private var norm: Double {
        gradients.flatMap(\.elements).reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot()
    }

    @Test("scales as clip_grad_norm_ does, on more elements than one piece, and returns the norm before")
    func scaling() {
        var clipped = gradients
        let before = clipped.clip(toGlobalNorm: 2)
        #expect(abs(before - norm) <= 1e-12 * norm)
        let factor = 2 / (norm + 1e-6)
        for (old, new) in zip(gradients, clipped) {
            expectClose(new.elements, old.elements.map { Double($0) * factor }, relative: 2e-7, absolute: 0)
        }
        #expect(abs(clipped.globalNorm - 2) < 1e-6)
        #expect(gradients.globalNorm == before)
    }

    @Test("adds PyTorch's 1e-6 to the norm, which matters for small ones")
    func epsilon() {
        var gradients = [Matrix(rows: 1, columns: 2, elements: [3e-6, 4e-6])]
        #expect(abs(gradients.clip(toGlobalNorm: 3e-6) - 5e-6) < 1e-12)
        expectClose(gradients[0].elements, [1.5e-6, 2e-6], relative: 1e-6, absolute: 0)
    }

    @Test("leaves gradients alone that are short enough, that are 0, or that there are none of")
    func short() {
        var clipped = gradients
        #expect(clipped.clip(toGlobalNorm: norm + 1) > 0)
        #expect(clipped == gradients)
        var zeros = [Matrix(rows: 2, columns: 2)]
        #expect(zeros.clip(toGlobalNorm: 0) == 0 && zeros[0].elements == [0, 0, 0, 0])
        var none: [Matrix] = []
        #expect(none.clip(toGlobalNorm: 1) == 0)
    }

    @Test("reports a norm that is not finite and touches nothing", arguments: [Float.nan, .infinity, -.infinity])
    func notFinite(value: Float) {
        var broken = gradients
        broken[1][2, 4] = value
        var clipped = broken
        #expect(!clipped.clip(toGlobalNorm: 1).isFinite)
        #expect(zip(clipped, broken).allSatisfy { $0.elements.map(\.bitPattern) == $1.elements.map(\.bitPattern) })
    }

    @Test("is finite for the largest finite gradients")
    func large() {
        var gradients = [Matrix(rows: 1, columns: 4, repeating: .greatestFiniteMagnitude)]
        #expect(gradients.clip(toGlobalNorm: 2) == 2 * Double(Float.greatestFiniteMagnitude))
        expectClose(gradients[0].elements, [1, 1, 1, 1], relative: 1e-6)
    }
}
