import Tensors

/// A run of numbers that tensors look into, as a checkpoint's pickle describes it.
struct TorchStorage: Sendable, Hashable {
    /// The name under which the file keeps its bytes.
    let key: String
    /// What it holds.
    let number: TorchNumber
    /// How many numbers the whole storage has.
    let count: Int
    /// Which of them this storage is: all, or the part that an old checkpoint's view names.
    let range: Range<Int>

    /// The storage of a persistent id: `("storage", type, key, device, count)`, with a view `(key, offset, count)` or None
    /// behind it before torch 1.6.
    static func described(by id: PickleValue, in arena: inout PickleArena) throws -> PickleValue {
        let fields = arena.elements(of: id) ?? []
        guard fields.count >= 5, fields[0] == .string("storage"), case .global(.storage(let number)) = fields[1],
            case .integer(let count) = fields[4], count >= 0,
            !count.multipliedReportingOverflow(by: number.size).overflow
        else {
            let isModule = fields.first == .string("module")
            throw InputError(
                "pickle", isModule ? "holds a whole model, with its code" : "refers to something that is not a storage",
                remedy: PickleMachine.remedy)
        }
        let key: String
        switch fields[2] {
        case .string(let name): key = name
        case .integer(let number): key = String(number)
        default: throw InputError("pickle", "has a storage without a key")
        }
        var range = 0..<count
        if fields.count > 5, fields[5] != .none {
            guard let view = arena.elements(of: fields[5]), view.count == 3, case .integer(let start) = view[1],
                case .integer(let length) = view[2], start >= 0, length >= 0, start <= count, length <= count - start
            else { throw InputError("storage '\(key)'", "has a view that lies outside it") }
            range = start..<start + length
        }
        return arena.add(TorchStorage(key: key, number: number, count: count, range: range))
    }
}

/// A tensor that a checkpoint's pickle describes: a strided view of a storage, checked to lie inside it.
struct TorchTensor: Sendable, Hashable {
    let storage: TorchStorage
    let number: TorchNumber
    let shape: [Int]
    private let strides: [Int]
    private let offset: Int
    /// One past the largest offset, in numbers from the storage's start.
    private let end: Int

    /// The tensor that `torch._utils._rebuild_tensor*` would make: storage, offset, shape, strides and, where it `isTold`,
    /// the type of its numbers as the seventh argument. Throws `InputError` where it does not fit its storage.
    init(_ arguments: [PickleValue], isTold: Bool, in arena: PickleArena) throws {
        guard arguments.count >= 4, case .storage(let index) = arguments[0], case .integer(let offset) = arguments[1],
            let shape = arena.integers(of: arguments[2]), let strides = arena.integers(of: arguments[3])
        else { throw InputError("pickle", "has a tensor without storage, offset, shape and strides") }
        let storage = arena.storages[index]
        var number = storage.number
        if isTold {
            guard arguments.count > 6, case .global(.number(let told)) = arguments[6] else {
                throw InputError("pickle", "has a tensor without a type")
            }
            number = told
        }
        let available = storage.range.count * storage.number.size / number.size
        guard let end = Self.end(offset: offset, shape: shape, strides: strides), end <= available,
            (DenseTensor.elementCount(of: shape) ?? .max) <= available
        else {
            throw InputError(
                "tensor of shape \(shape)", "does not fit its storage '\(storage.key)' of \(available) numbers",
                remedy: "The file is damaged; get it again.")
        }
        self.storage = storage
        self.number = number
        self.shape = shape
        self.strides = strides
        self.offset = offset
        self.end = end
    }

    /// One past the last number that is looked at, or nil where that is no position.
    private static func end(offset: Int, shape: [Int], strides: [Int]) -> Int? {
        guard offset >= 0, shape.count == strides.count, shape.count <= 64, shape.allSatisfy({ $0 >= 0 }) else {
            return nil
        }
        if shape.contains(0) { return offset }
        var last = offset
        for (length, stride) in zip(shape, strides) {
            let (span, overflow) = (length - 1).multipliedReportingOverflow(by: stride)
            let (sum, carry) = last.addingReportingOverflow(span)
            guard stride >= 0, !overflow, !carry else { return nil }
            last = sum
        }
        return last == .max ? nil : last + 1
    }

    /// The values in row-major order, from the bytes of the whole storage, of which there must be enough.
    func values(in bytes: UnsafeRawBufferPointer) throws -> DenseTensor {
        guard let type = number.type else {
            throw InputError(
                "tensor of shape \(shape)", "has the type torch.\(number.name)", remedy: "Save it as float32.")
        }
        guard end > offset else { return DenseTensor(shape: shape, elements: []) }
        let start = storage.range.lowerBound * storage.number.size + offset * type.size
        let span = UnsafeRawBufferPointer(rebasing: bytes[start..<start + (end - offset) * type.size])
        let numbers = type.floats(in: span, count: end - offset)
        return DenseTensor(shape: shape, elements: isContiguous ? numbers : gathered(numbers))
    }

    private var isContiguous: Bool {
        var expected = 1
        for (length, stride) in zip(shape, strides).reversed() where length != 1 {
            guard stride == expected else { return false }
            expected *= length
        }
        return true
    }

    private func gathered(_ numbers: [Float]) -> [Float] {
        var positions = [0]
        for (length, stride) in zip(shape, strides) {
            positions = positions.flatMap { base in (0..<length).map { base + $0 * stride } }
        }
        return positions.map { numbers[$0] }
    }
}
