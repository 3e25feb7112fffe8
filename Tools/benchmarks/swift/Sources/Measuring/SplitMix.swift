/// SplitMix64 (Steele, Lea and Flood 2014): numbers that follow from the first state alone.
public struct SplitMix: RandomNumberGenerator {
    @usableFromInline var state: UInt64

    /// A generator that begins at `state`.
    @inlinable public init(state: UInt64) { self.state = state }

    /// The next number, of all 64 bits.
    @inlinable public mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }

    /// A number of -1 ... 1.
    @inlinable public mutating func uniform() -> Float { Float(next() >> 40) * 0x1p-23 - 1 }
}
