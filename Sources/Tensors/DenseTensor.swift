/// A named network's weight: any number of dimensions, `Float` values in row-major order.
public struct DenseTensor: Sendable, Hashable {
    /// The length of each dimension; empty for a scalar.
    public let shape: [Int]
    /// The values; always the product of `shape` of them.
    public let elements: [Float]

    /// A tensor over `elements`, which must be as many as `shape` says.
    public init(shape: [Int], elements: [Float]) {
        precondition(elements.count == shape.reduce(1, *), "shape \(shape) got \(elements.count) elements")
        self.shape = shape
        self.elements = elements
    }

    /// The number of values that `shape` holds, or nil where that overflows or a dimension is negative.
    public static func elementCount(of shape: [Int]) -> Int? {
        var count = 1
        for dimension in shape {
            let (product, overflow) = count.multipliedReportingOverflow(by: dimension)
            guard dimension >= 0, !overflow else { return nil }
            count = product
        }
        return count
    }
}
