/// More than two ways to compute inner products of unit vectors differ by.
enum ScanTolerance {
    /// For two orders of summation. Sums of d products are within 2 d units of rounding of each other, and, roundings being as good as
    /// independent, within 10 sqrt(d) of them but for a chance of 1 in 10^13 (Higham and Mary, "A New Approach to Probabilistic
    /// Rounding Error Analysis", 2019; 8 sqrt(d) for a block product, 2 sqrt(d) for the sixteen shorter sums of a pair); a few more for
    /// lengths that are not exactly 1.
    static func sums(dimension: Int) -> Float {
        let width = Float(dimension)
        return (min(2 * width, 10 * width.squareRoot()) + 16) * 0x1p-24
    }

    /// For numbers that are kept as bytes, with the largest of their scales. A rounding is off by at most half a scale, sqrt(1 / 12) of
    /// it in the root mean square, so that its product with a unit vector is off by at most sqrt(d) / 2 scales, and by less than
    /// 8 sqrt(1 / 12), but for a chance of 1 in 10^15, where the roundings are as good as independent.
    static func bytes(dimension: Int, scale: Float) -> Float {
        scale * min(Float(dimension).squareRoot() / 2, 8 / Float(12).squareRoot())
    }
}
