/// How arrays of different shapes go together, as in NumPy.
enum ONNXBroadcast {
    /// The shape of both together, or nil where they do not fit.
    static func shape(_ first: [Int], _ second: [Int]) -> [Int]? {
        let rank = max(first.count, second.count)
        let left = [Int](repeating: 1, count: rank - first.count) + first
        let right = [Int](repeating: 1, count: rank - second.count) + second
        guard zip(left, right).allSatisfy({ $0 == $1 || $0 == 1 || $1 == 1 }) else { return nil }
        return zip(left, right).map { $0 == 1 ? $1 : $0 }
    }

    /// For each element of an array of `whole` the position of its element in one of `shape`.
    static func positions(_ shape: [Int], in whole: [Int]) -> [Int] {
        let own = strides(shape)
        let missing = [Int](repeating: 0, count: whole.count - shape.count)
        return positions(of: whole, strides: missing + zip(shape, own).map { $0 == 1 ? 0 : $1 })
    }

    /// The distance between neighbors in each dimension, the last running fastest.
    static func strides(_ shape: [Int]) -> [Int] {
        var result = [Int](repeating: 1, count: shape.count)
        for index in shape.indices.dropLast().reversed() { result[index] = result[index + 1] * shape[index + 1] }
        return result
    }

    /// The position of each element of an array of `shape` whose neighbors are `strides` apart.
    static func positions(of shape: [Int], strides: [Int]) -> [Int] {
        zip(shape, strides).reduce([0]) { positions, dimension in
            positions.flatMap { position in (0..<dimension.0).map { position + $0 * dimension.1 } }
        }
    }
}
