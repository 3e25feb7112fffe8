/// Part of a map, or of a vector, whose values count as channels: every `step`-th of a range, in each dimension.
public struct Slice: Sendable, Hashable {
    /// Every `step`-th position from `start` on, `count` of them.
    public struct Extent: Sendable, Hashable {
        /// The first position.
        public let start: Int
        /// How many.
        public let count: Int
        /// From one to the next.
        public let step: Int

        /// Positions `start`, `start + step`, ...
        public init(start: Int, count: Int, step: Int = 1) {
            precondition(start >= 0 && count > 0 && step > 0, "a slice of \(count) from \(start) by \(step)")
            (self.start, self.count, self.step) = (start, count, step)
        }

        func fits(_ size: Int) -> Bool { start + (count - 1) * step < size }
    }

    /// What is taken of each dimension; nil for all of it.
    public let channels, rows, columns: Extent?

    /// A slice.
    public init(channels: Extent? = nil, rows: Extent? = nil, columns: Extent? = nil) {
        (self.channels, self.rows, self.columns) = (channels, rows, columns)
    }

    /// The shape of the part, or nil where it reaches beyond the whole.
    func outputShape(of shape: FeatureShape) -> FeatureShape? {
        let extents = [channels, rows, columns]
        guard zip(extents, shape.dimensions).allSatisfy({ $0?.fits($1) ?? true }) else { return nil }
        switch shape {
        case .map(let all, let height, let width):
            return .map(channels: channels?.count ?? all, height: rows?.count ?? height, width: columns?.count ?? width)
        case .vector(let length): return rows == nil && columns == nil ? .vector(channels?.count ?? length) : nil
        }
    }

    /// What decides its numbers, as words.
    var structure: [String] {
        zip(["channels", "rows", "columns"], [channels, rows, columns]).compactMap { name, extent in
            extent.map { "\(name) \($0.count) from \($0.start) by \($0.step)" }
        }
    }
}
