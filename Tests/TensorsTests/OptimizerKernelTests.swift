import CKernels
import Tensors
import Testing

/// One call of an optimizer's kernel on weights, gradients and three slots, of which it may use fewer.
private struct OptimizerKernel: CustomTestStringConvertible {
    typealias Memory = UnsafeMutablePointer<Float>

    let testDescription: String
    let run: @Sendable (_ w: Memory, _ g: Memory, _ a: Memory, _ b: Memory, _ c: Memory, _ count: Int) -> Void

    init(_ name: String, _ run: @escaping @Sendable (Memory, Memory, Memory, Memory, Memory, Int) -> Void) {
        (testDescription, self.run) = (name, run)
    }

    private static let adam = ftc_adam_settings(
        moment_size: 0.01, gradient_size: 0.002, beta1: 0.9, beta2: 0.999, root: 0.5, epsilon: 1e-8, decay: 0.1,
        retention: 0.99)
    private static let sgd = ftc_sgd_settings(
        rate: 0.1, decay: 0.1, momentum: 0.9, fresh: 0.7, gradient_share: 1, momentum_share: 0.9)
    private static let rmsprop = ftc_rmsprop_settings(rate: 0.1, alpha: 0.9, epsilon: 1e-8, decay: 0.1, momentum: 0.9)

    static let all = [
        OptimizerKernel("adam") { ftc_adam($0, $1, $2, $3, nil, $5, adam) },
        OptimizerKernel("adam with amsgrad") { ftc_adam($0, $1, $2, $3, $4, $5, adam) },
        OptimizerKernel("adamax") {
            let settings = ftc_adamax_settings(size: 0.1, beta1: 0.9, beta2: 0.99, epsilon: 1e-8, decay: 0.1)
            ftc_adamax($0, $1, $2, $3, $5, settings)
        },
        OptimizerKernel("sgd") { w, g, _, _, _, count in ftc_sgd(w, g, nil, count, sgd) },
        OptimizerKernel("sgd with momentum") { w, g, a, _, _, count in ftc_sgd(w, g, a, count, sgd) },
        OptimizerKernel("asgd") { w, g, a, _, _, count in
            ftc_asgd(w, g, a, count, ftc_asgd_settings(size: 0.1, decay: 0.1, retention: 0.9, share: 0.3))
        },
        OptimizerKernel("rmsprop") { w, g, a, _, _, count in ftc_rmsprop(w, g, a, nil, nil, count, rmsprop) },
        OptimizerKernel("rmsprop centered") { w, g, a, b, _, count in ftc_rmsprop(w, g, a, b, nil, count, rmsprop) },
        OptimizerKernel("rmsprop with momentum") { w, g, a, _, c, count in
            ftc_rmsprop(w, g, a, nil, c, count, rmsprop)
        },
        OptimizerKernel("rmsprop with both") { ftc_rmsprop($0, $1, $2, $3, $4, $5, rmsprop) },
        OptimizerKernel("adagrad") { w, g, a, _, _, count in
            ftc_adagrad(w, g, a, count, ftc_adagrad_settings(size: 0.1, epsilon: 1e-10, decay: 0.1))
        },
        OptimizerKernel("adadelta") { w, g, a, b, _, count in
            ftc_adadelta(w, g, a, b, count, ftc_adadelta_settings(rate: 1, rho: 0.9, epsilon: 1e-6, decay: 0.1))
        },
        OptimizerKernel("rprop") { w, g, a, b, _, count in
            let settings = ftc_rprop_settings(growth: 1.2, shrinkage: 0.5, smallest: 0.1, largest: 0.8)
            ftc_rprop(w, g, a, b, count, settings)
        },
    ]
}

extension KernelTests {
    private static let lengths = [0, 1, 7, 8, 15, 16, 17, 31, 33, 64, 100, 255]

    private func random(_ count: Int, from lowest: Float, _ generator: inout SeededGenerator) -> [Float] {
        (0..<count).map { _ in generator.uniform(lowest, 1) }
    }

    // Their values are checked in MetricLearning, where each optimizer has a naive twin.
    @Test(
        "A step of an optimizer has the same bits at every level, and writes nothing beyond",
        arguments: OptimizerKernel.all)
    private func optimizerSteps(kernel: OptimizerKernel) {
        var generator = SeededGenerator(seed: 6)
        for count in Self.lengths {
            let room = count + 16
            let (weights, gradients, first) = (
                random(room, from: -1, &generator), random(room, from: -1, &generator),
                random(room, from: -1, &generator)
            )
            let (second, third) = (random(room, from: 0, &generator), random(room, from: 0, &generator))
            // The slot of squares comes first in some kernels and second in others.
            let slots = [first.map(abs), second, third]
            var results: Set<[UInt32]> = []
            atEveryLevel { level in
                var (w, g, a, b, c) = (weights, gradients, slots[0], slots[1], slots[2])
                kernel.run(&w, &g, &a, &b, &c, count)
                #expect(g == gradients)
                #expect(w[count...] == weights[count...] && a[count...] == slots[0][count...], "\(count) at \(level)")
                #expect(b[count...] == slots[1][count...] && c[count...] == slots[2][count...], "\(count) at \(level)")
                #expect((w + a + b + c).allSatisfy { $0.isFinite })
                #expect(count < 7 || w[..<count] != weights[..<count], "\(count) at \(level)")
                results.insert((w + a + b + c).map(\.bitPattern))
            }
            #expect(results.count == 1, "\(count)")
        }
    }

    @Test("The sum of squares has the same bits at every level, and the value of a plain sum")
    func sumsOfSquares() {
        var generator = SeededGenerator(seed: 7)
        for count in Self.lengths + [10_007] {
            let values = random(count, from: -1, &generator)
            let expected = values.reduce(0.0) { $0 + Double($1) * Double($1) }
            var sums: Set<Double> = []
            atEveryLevel { _ in sums.insert(ftc_sum_of_squares(values, count)) }
            #expect(sums.count == 1 && sums.allSatisfy { abs($0 - expected) <= 1e-13 * expected }, "\(count)")
        }
        #expect(ftc_sum_of_squares([1, .nan], 2).isNaN)
        #expect(ftc_sum_of_squares([1, -.infinity], 2) == .infinity)
    }
}
