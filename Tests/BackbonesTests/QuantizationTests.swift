import Foundation
import ModelGraph
import Tensors
import Testing

@testable import Backbones

@Suite("Numbers become bytes")
struct QuantizationTests {
    @Test("to the nearest, ties to even, saturated")
    func rounding() {
        let unsigned = Quantization(scale: 0.5, isSigned: false)
        #expect([0, 0.25, 0.75, 1.25, 200, -3].map(unsigned.quantized) == [0, 0, 2, 2, 255, 0])
        let signed = Quantization(scale: 0.5, isSigned: true)
        #expect([-0.25, -0.75, -100, 100].map(signed.quantized) == [0, -2, -128, 127])
    }

    @Test("weights: a scale an output, the largest magnitude becomes 127, zeros stay zeros")
    func weights() {
        let weight = DenseTensor(shape: [3, 1, 1, 3], elements: [1, -2, 0.5, 0, 0, 0, 254, 3, -254])
        let quantized = QuantizedWeights(weight)
        #expect(quantized.values == [64, -127, 32, 0, 0, 0, 127, 2, -127])
        #expect(quantized.scales == [2.0 / 127, 1, 2])
    }

    @Test("a calibration reads what it wrote, and has one spelling")
    func coding() throws {
        let calibration = Calibration(layers: [
            "a": Quantization(scale: 0.1, isSigned: true), "b": Quantization(scale: 6.0 / 255, isSigned: false),
        ])
        let data = try CanonicalJSON.encode(calibration)
        #expect(String(decoding: data, as: UTF8.self) == #"{"a":"s0.1","b":"u0.023529412"}"#)
        #expect(try JSONDecoder().decode(Calibration.self, from: data) == calibration)
        for text in [#"{"a":"x1"}"#, #"{"a":"s0"}"#, #"{"a":"snan"}"#, #"{"a":""}"#, "[]"] {
            #expect(throws: (any Error).self) {
                try JSONDecoder().decode(Calibration.self, from: Data(text.utf8))
            }
        }
    }

    private func histogram(_ values: [Float]) -> MagnitudeHistogram {
        var histogram = MagnitudeHistogram()
        values.withUnsafeBufferPointer { histogram.add($0) }
        return histogram
    }

    @Test("the scale of evenly spread values reaches to the largest; a rare large one is cut off")
    func scaleChoice() {
        let even = (0...10_000).map { Float($0) / 10_000 }
        let scale = histogram(even).quantization()
        #expect(!scale.isSigned && abs(scale.scale * 255 - 1) < 0.02)
        let signed = histogram(even.map { $0 - 0.5 }).quantization()
        #expect(signed.isSigned && abs(signed.scale * 127 - 0.5) < 0.02)
        let cut = histogram(Array(repeating: even, count: 20).flatMap { $0 } + [3]).quantization()
        #expect(cut.scale * 255 < 2.5)
        #expect(histogram([0, 0]).quantization() == Quantization(scale: 1, isSigned: false))
        #expect(histogram([.infinity, .nan, 1]) == histogram([1]))
    }

    @Test("the choice loses no more than any other in a direct count of the errors")
    func leastLoss() {
        var generator = SeededGenerator(seed: 3)
        let values = (0..<20_000).map { _ in
            let x = generator.uniform(-1, 1)
            return x * x * x * 8
        }
        func loss(_ quantization: Quantization) -> Double {
            values.reduce(0) { $0 + pow(Double($1 - quantization.quantized($1) * quantization.scale), 2) }
        }
        let chosen = loss(histogram(values).quantization())
        for percent in stride(from: 10, through: 100, by: 5) {
            #expect(chosen < 1.05 * loss(Quantization(scale: 8 * Float(percent) / 100 / 127, isSigned: true)))
        }
    }
}
