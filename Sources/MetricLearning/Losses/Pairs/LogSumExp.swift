import Foundation

/// The logarithm of a sum of exponentials, without overflow: the largest exponent is taken out first.
struct LogSumExp {
    private var largest: Float
    private var sum: Float

    /// The sum of nothing, whose logarithm is minus infinity; with `one` the sum of exp(0).
    init(one: Bool = false) { (largest, sum) = one ? (0, 1) : (-.infinity, 0) }

    /// Adds `count` times exp(exponent).
    @inline(__always)
    mutating func add(_ exponent: Float, count: Float = 1) {
        if exponent > largest {
            sum = sum * exp(largest - exponent) + count
            largest = exponent
        } else {
            sum += count * exp(exponent - largest)
        }
    }

    /// The logarithm.
    var value: Float { sum == 0 ? -.infinity : largest + log(sum) }
}
