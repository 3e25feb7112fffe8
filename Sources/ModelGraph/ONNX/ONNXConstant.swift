import Tensors

/// Numbers that are known when a file is imported: an initializer, or what follows from initializers and shapes.
struct ONNXConstant: Sendable, Hashable {
    enum Values: Sendable, Hashable {
        case floats([Float])
        case integers([Int])
    }

    let shape: [Int]
    let values: Values

    init(shape: [Int], floats: [Float]) {
        precondition(floats.count == shape.reduce(1, *), "shape \(shape) got \(floats.count) values")
        (self.shape, values) = (shape, .floats(floats))
    }

    init(shape: [Int], integers: [Int]) {
        precondition(integers.count == shape.reduce(1, *), "shape \(shape) got \(integers.count) values")
        (self.shape, values) = (shape, .integers(integers))
    }

    /// A list of integers, as shapes are.
    init(_ integers: [Int]) { self.init(shape: [integers.count], integers: integers) }

    /// The values of a tensor in a file.
    init(_ tensor: ONNXTensor) throws {
        if tensor.holdsIntegers {
            self.init(shape: tensor.dims, integers: try tensor.integers())
        } else {
            self.init(shape: tensor.dims, floats: tensor.floats())
        }
    }

    var count: Int { shape.reduce(1, *) }

    /// How many values an array of `shape` has; nil where no file could hold it. A dimension of 0 does not excuse the others,
    /// so that no product of some of them overflows.
    static func count(of shape: [Int]) -> Int? {
        guard let bound = DenseTensor.elementCount(of: shape.map { $0 == 0 ? 1 : $0 }) else { return nil }
        let isEmpty = shape.contains(0)
        return bound <= (isEmpty ? 1 << 16 : 1 << 31) ? (isEmpty ? 0 : bound) : nil
    }

    /// The values as `Float`, rounded where they are large integers.
    var floats: [Float] {
        switch values {
        case .floats(let floats): floats
        case .integers(let integers): integers.map(Float.init)
        }
    }

    /// The values where all are whole numbers.
    var integers: [Int]? {
        switch values {
        case .integers(let integers): return integers
        case .floats(let floats):
            let whole = floats.compactMap { Int(exactly: $0) }
            return whole.count == floats.count ? whole : nil
        }
    }

    var tensor: DenseTensor { DenseTensor(shape: shape, elements: floats) }

    /// The only value, whatever the shape around it.
    var scalar: Float? { count == 1 ? floats[0] : nil }

    /// The same values under another shape of as many.
    func reshaped(_ shape: [Int]) -> ONNXConstant {
        switch values {
        case .floats(let floats): ONNXConstant(shape: shape, floats: floats)
        case .integers(let integers): ONNXConstant(shape: shape, integers: integers)
        }
    }

    /// The values at `positions` of the flat order.
    func taking(_ positions: [Int], shape: [Int]) -> ONNXConstant {
        switch values {
        case .floats(let floats): ONNXConstant(shape: shape, floats: positions.map { floats[$0] })
        case .integers(let integers): ONNXConstant(shape: shape, integers: positions.map { integers[$0] })
        }
    }
}
