import Tensors
import Testing

@testable import MetricLearning

@Suite("Batch normalization")
struct BatchNormalizationTests {
    private func layer(_ values: Matrix) -> HeadWorkspace.Layer {
        var layer = HeadWorkspace.Layer(
            rows: values.rows,
            HeadLayer(
                outputs: values.columns, inputs: 1, weight: 0, bias: nil, scale: 1, shift: 2, isRectified: false), .f32)
        layer.normalized = values
        return layer
    }

    @Test("gives columns of mean 0 and variance 1, more columns than one strip")
    func moments() {
        let width = 150
        var layer = layer(.random(40, width, seed: 3))
        BatchNormalization.forward(
            &layer, scale: Matrix(rows: 1, columns: width, repeating: 1), shift: Matrix(rows: 1, columns: width),
            rectified: false)
        for column in 0..<width {
            let values = (0..<40).map { Double(layer.activation[$0, column]) }
            #expect(abs(values.reduce(0, +) / 40) < 1e-6)
            #expect(abs(values.reduce(0) { $0 + $1 * $1 } / 40 - 1) < 1e-3)
        }
    }

    @Test("rounds nothing away when the mean is far larger than the spread")
    func largeMean() {
        var layer = layer(Matrix(rows: 4, columns: 1, elements: [4096, 4097, 4098, 4099]))
        BatchNormalization.forward(
            &layer, scale: Matrix(rows: 1, columns: 1, repeating: 2), shift: Matrix(rows: 1, columns: 1, repeating: 5),
            rectified: false)
        let deviation = 1.25.squareRoot()
        expectClose(layer.activation.elements, [-1.5, -0.5, 0.5, 1.5].map { 2 * $0 / deviation + 5 }, relative: 1e-5)
    }

    @Test("lets ReLU pass NaN on, so that a diverged run is seen")
    func notANumber() {
        var layer = layer(Matrix(rows: 2, columns: 1, elements: [.nan, 1]))
        BatchNormalization.forward(
            &layer, scale: Matrix(rows: 1, columns: 1, repeating: 1), shift: Matrix(rows: 1, columns: 1),
            rectified: true)
        #expect(layer.activation.elements.allSatisfy { $0.isNaN })
    }

    @Test("has the same bits of a product that is computed on the way", arguments: [20, 600])
    func products(rows: Int) {
        let (scale, shift) = (Matrix.random(1, 300, seed: 1), Matrix.random(1, 300, seed: 2))
        let (input, weight) = (Matrix.random(rows, 90, seed: 3), Matrix.random(300, 90, seed: 4))
        let product = PendingProduct(input, .plain, weight, .transposed)
        func run(_ isFused: Bool) -> HeadWorkspace.Layer {
            let values = input.multiplied(by: weight, .plain, .transposed)
            let none = Matrix(rows: rows, columns: 300, repeating: .nan)
            var layer = layer(isFused ? none : values)
            BatchNormalization.forward(
                &layer, of: isFused ? product : nil, scale: scale, shift: shift, rectified: true)
            layer.delta = isFused ? none : values
            BatchNormalization.backward(&layer, of: isFused ? product : nil, scale: scale, rectified: true)
            return layer
        }
        let (fused, plain) = (run(true), run(false))
        #expect(fused.activation == plain.activation && fused.moments == plain.moments)
        #expect(fused.delta == plain.delta && fused.slopes == plain.slopes)
        #expect(fused.delta.elements.allSatisfy { $0.isFinite })
    }

    @Test("does not depend on how columns are shared among threads")
    func threads() {
        func run() -> HeadWorkspace.Layer {
            var layer = layer(.random(33, 500, seed: 8))
            let scale = Matrix.random(1, 500, seed: 1)
            BatchNormalization.forward(&layer, scale: scale, shift: .random(1, 500, seed: 2), rectified: true)
            layer.delta = .random(33, 500, seed: 4)
            BatchNormalization.backward(&layer, scale: scale, rectified: true)
            return layer
        }
        let (first, second) = (run(), run())
        #expect(first.delta == second.delta)
        #expect(first.slopes == second.slopes)
    }
}
