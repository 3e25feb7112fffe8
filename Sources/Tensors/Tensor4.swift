/// A batch of pictures or feature maps as `Float`, shape `[count, channels, height, width]`, dense in that order (NCHW).
public struct Tensor4: Sendable, Hashable {
    /// Pictures in the batch.
    public let count: Int
    /// Channels of each picture.
    public let channels: Int
    /// Rows of each channel.
    public let height: Int
    /// Columns of each channel.
    public let width: Int
    /// The values; always `count * channels * height * width` of them.
    public private(set) var elements: [Float]

    /// A batch of zeros.
    public init(count: Int, channels: Int, height: Int, width: Int) {
        self.init(
            count: count, channels: channels, height: height, width: width,
            elements: [Float](repeating: 0, count: count * channels * height * width))
    }

    /// A batch over `elements` in NCHW order.
    public init(count: Int, channels: Int, height: Int, width: Int, elements: [Float]) {
        precondition(
            elements.count == count * channels * height * width,
            "Tensor4 [\(count), \(channels), \(height), \(width)] got \(elements.count) elements")
        self.count = count
        self.channels = channels
        self.height = height
        self.width = width
        self.elements = elements
    }

    /// Values of one picture: `channels * height * width`.
    public var elementsPerItem: Int { channels * height * width }

    /// The shape as an array, `[count, channels, height, width]`.
    public var shape: [Int] { [count, channels, height, width] }

    /// The batch of the given pictures, all of one shape; `items` must not be empty.
    public init(stacking items: some Collection<Tensor4>) {
        guard let first = items.first else { preconditionFailure("stacking needs at least one item") }
        var elements: [Float] = []
        elements.reserveCapacity(first.elements.count * items.count)
        for item in items {
            precondition(item.shape.dropFirst() == first.shape.dropFirst(), "\(item.shape) stacked on \(first.shape)")
            elements += item.elements
        }
        self.init(
            count: elements.count / max(first.elementsPerItem, 1), channels: first.channels, height: first.height,
            width: first.width, elements: elements)
    }

    /// The first `count` pictures.
    public func prefix(_ count: Int) -> Tensor4 {
        precondition((0...self.count).contains(count), "the first \(count) of \(shape)")
        guard count < self.count else { return self }
        return Tensor4(
            count: count, channels: channels, height: height, width: width,
            elements: Array(elements.prefix(count * elementsPerItem)))
    }

    /// Calls `body` with the elements; the pointer must not leave it.
    public func withUnsafeElements<Result>(
        _ body: (UnsafeBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try elements.withUnsafeBufferPointer(body)
    }

    /// Calls `body` with the elements to change in place; the pointer must not leave it.
    public mutating func withUnsafeMutableElements<Result>(
        _ body: (UnsafeMutableBufferPointer<Float>) throws -> Result
    ) rethrows -> Result {
        try elements.withUnsafeMutableBufferPointer { try body($0) }
    }
}
