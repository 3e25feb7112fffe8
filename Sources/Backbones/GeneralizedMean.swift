import Foundation

/// Generalized-mean pooling, `mean(max(x, epsilon)^exponent)^(1 / exponent)` for each channel (Radenović, Tolias and Chum,
/// "Fine-tuning CNN Image Retrieval with No Human Annotation", 2018, equation 3).
struct GeneralizedMean: Sendable {
    let exponent: Float
    let epsilon: Float

    /// Writes the generalized mean of each run of `length` values of `source` to `target`. Values are divided by the
    /// largest of their run first, so that no power overflows.
    func pool(_ source: UnsafeBufferPointer<Float>, runs length: Int, into target: UnsafeMutableBufferPointer<Float>) {
        precondition(
            source.count == target.count * length, "\(source.count) values in \(target.count) runs of \(length)")
        for run in target.indices {
            target[run] = mean(of: source.extracting(run * length..<(run + 1) * length))
        }
    }

    private func mean(of values: UnsafeBufferPointer<Float>) -> Float {
        var largest = epsilon
        for value in values { largest = max(largest, value) }
        guard largest > 0, largest.isFinite else { return largest }
        var sum: Float = 0
        if exponent == 3 {
            for value in values {
                let ratio = max(value, epsilon) / largest
                sum += ratio * ratio * ratio
            }
        } else {
            for value in values { sum += powf(max(value, epsilon) / largest, exponent) }
        }
        return largest * powf(sum / Float(values.count), 1 / exponent)
    }
}
