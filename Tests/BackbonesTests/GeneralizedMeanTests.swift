import ModelGraph
import ReferenceNetwork
import Tensors
import Testing

@testable import Backbones

@Suite("Generalized-mean pooling")
struct GeneralizedMeanTests {
    private func pool(_ values: [Float], exponent: Float, epsilon: Float = 1e-6) -> Float {
        var result: [Float] = [.nan]
        values.withUnsafeBufferPointer { source in
            result.withUnsafeMutableBufferPointer { target in
                GeneralizedMean(exponent: exponent, epsilon: epsilon).pool(source, runs: values.count, into: target)
            }
        }
        return result[0]
    }

    @Test("equal values are their own mean, an exponent of 1 gives the mean, a large one nears the largest")
    func special() {
        #expect(pool([2, 2, 2], exponent: 3) == 2)
        #expect(abs(pool([1, 2, 6], exponent: 1) - 3) < 1e-6)
        #expect(abs(pool([1, 2, 6], exponent: 200) - 6) < 0.05)
    }

    @Test("values below epsilon count as epsilon")
    func floor() {
        #expect(abs(pool([-5, -1, 0], exponent: 3, epsilon: 1e-3) - 1e-3) < 1e-9)
        #expect(pool([0, 0], exponent: 3, epsilon: 0) == 0)
    }

    @Test("values whose powers would overflow do not")
    func large() {
        #expect(abs(pool([1e30, 1e30], exponent: 3) / 1e30 - 1) < 1e-6)
        #expect(abs(pool([1e-30, 1e-30], exponent: 4, epsilon: 1e-38) / 1e-30 - 1) < 1e-6)
    }

    @Test("it equals the definition in double precision", arguments: [Float(3), 2.5, 1, 6])
    func definition(exponent: Float) {
        var generator = SeededGenerator(seed: 4)
        let values = (0..<49).map { _ in generator.uniform(-1, 4) }
        let expected = GlobalPool.generalizedMean(exponent: exponent, epsilon: 1e-6).reference(values.map(Double.init))
        #expect(abs(Double(pool(values, exponent: exponent)) / expected - 1) < 1e-6)
    }
}
