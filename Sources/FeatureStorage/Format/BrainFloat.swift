/// Conversion between `Float` and bfloat16 patterns, the upper halves of binary32 patterns.
enum BrainFloat {
    /// The smallest magnitude that rounds to infinity: the last finite value and half of its last digit.
    private static let overflow: UInt32 = 0x7F7F_8000

    /// Whether rounding gives no finite value, because `value` is NaN or infinite or too large.
    static func overflows(_ value: Float) -> Bool { value.bitPattern & 0x7FFF_FFFF >= overflow }

    /// Rounds `floats` to the nearest bfloat16, ties to even. Returns how many of them overflow.
    static func narrow(_ floats: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<UInt16>) -> Int {
        precondition(floats.count == target.count, "\(floats.count) floats into \(target.count) bfloat16")
        var overflowing: UInt = 0
        for index in 0..<floats.count {
            let bits = floats[index].bitPattern
            overflowing &+= bits & 0x7FFF_FFFF >= overflow ? 1 : 0
            target[index] = UInt16(truncatingIfNeeded: (bits &+ 0x7FFF &+ (bits >> 16 & 1)) >> 16)
        }
        return Int(overflowing)
    }

    /// Writes the exact values of `source` to `target`, of the same count.
    static func widen(_ source: UnsafeBufferPointer<UInt16>, into target: UnsafeMutableBufferPointer<Float>) {
        precondition(source.count == target.count, "\(source.count) bfloat16 into \(target.count) floats")
        for index in 0..<source.count { target[index] = Float(bitPattern: UInt32(source[index]) << 16) }
    }
}
