import Foundation

/// xoshiro256** seeded by SplitMix64 (Blackman and Vigna, "Scrambled Linear Pseudorandom Number Generators", 2021):
/// the same seed gives the same numbers on every machine and in every version of this library.
public struct SeededGenerator: RandomNumberGenerator, Sendable, Hashable {
    private var state: (UInt64, UInt64, UInt64, UInt64)

    /// A generator for `seed`. Give independent uses of one seed different `stream` numbers.
    public init(seed: UInt64, stream: UInt64 = 0) {
        var mixer = SplitMix64(state: seed)
        mixer.state = mixer.next() ^ (stream &* 0xD1B5_4A32_D192_ED03)
        state = (mixer.next(), mixer.next(), mixer.next(), mixer.next())
    }

    /// 64 uniformly distributed bits.
    public mutating func next() -> UInt64 {
        func rotated(_ value: UInt64, _ bits: UInt64) -> UInt64 { (value << bits) | (value >> (64 - bits)) }
        let result = rotated(state.1 &* 5, 7) &* 9
        let shifted = state.1 << 17
        state.2 ^= state.0
        state.3 ^= state.1
        state.1 ^= state.2
        state.0 ^= state.3
        state.2 ^= shifted
        state.3 = rotated(state.3, 45)
        return result
    }

    /// A number in `[0, 1)` with 24 random bits.
    public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-24 }

    /// A number in `[low, high)`.
    public mutating func uniform(_ low: Float, _ high: Float) -> Float { low + (high - low) * uniform() }

    /// `count` numbers from the normal distribution N(0, 1) (Box and Muller 1958).
    public mutating func normals(_ count: Int) -> [Float] {
        var numbers: [Float] = []
        numbers.reserveCapacity(count + 1)
        while numbers.count < count {
            // Never 0, whose logarithm there is not.
            let radius = (-2 * log(1 - Double(uniform()))).squareRoot()
            let angle = 2 * Double.pi * Double(uniform())
            numbers.append(Float(radius * cos(angle)))
            numbers.append(Float(radius * sin(angle)))
        }
        return Array(numbers.prefix(count))
    }

    /// An index in `0..<bound`, without bias (Lemire, "Fast Random Integer Generation in an Interval", 2019).
    public mutating func index(below bound: Int) -> Int {
        precondition(bound > 0, "index(below: \(bound))")
        let range = UInt64(bound)
        var product = next().multipliedFullWidth(by: range)
        if product.low < range {
            let threshold = (0 &- range) % range
            while product.low < threshold { product = next().multipliedFullWidth(by: range) }
        }
        return Int(product.high)
    }

    /// Shuffles `values` (Fisher and Yates). Unlike the standard library's, its order is fixed for good.
    public mutating func shuffle<Element>(_ values: inout [Element]) {
        guard values.count > 1 else { return }
        for last in stride(from: values.count - 1, to: 0, by: -1) { values.swapAt(last, index(below: last + 1)) }
    }

    /// The numbers `0..<count` in random order.
    public mutating func permutation(_ count: Int) -> [Int] {
        var order = Array(0..<count)
        shuffle(&order)
        return order
    }

    /// Whether both generators will give the same numbers.
    public static func == (left: Self, right: Self) -> Bool { left.state == right.state }

    /// Feeds the state to `hasher`.
    public func hash(into hasher: inout Hasher) {
        for word in [state.0, state.1, state.2, state.3] { hasher.combine(word) }
    }
}

private struct SplitMix64 {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
