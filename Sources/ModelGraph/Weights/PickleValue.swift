/// What a pickle can describe here. Containers are numbers of entries in a `PickleArena`, never nested values, so that
/// releasing a pickle takes no recursion however deep or cyclic it is.
enum PickleValue: Sendable, Hashable {
    case none
    case bool(Bool)
    case integer(Int)
    /// A whole number of more than 64 bits: two's complement, little-endian.
    case longInteger([UInt8])
    case float(Double)
    case string(String)
    /// A tuple, list or set in `PickleArena.sequences`.
    case sequence(Int)
    /// A mapping in `PickleArena.dictionaries`.
    case dictionary(Int)
    /// A name of the allow-list.
    case global(TorchGlobal)
    /// A storage in `PickleArena.storages`.
    case storage(Int)
    /// A tensor in `PickleArena.tensors`.
    case tensor(Int)
    /// Something that weights do not need, such as a device or raw bytes.
    case inert
}

/// Everything that the values of one pickle refer to.
struct PickleArena: Sendable {
    var sequences: [[PickleValue]] = []
    var dictionaries: [[(key: PickleValue, value: PickleValue)]] = []
    var storages: [TorchStorage] = []
    var tensors: [TorchTensor] = []

    /// The entries that one pickle may make; a large checkpoint has some ten thousand.
    static let largestCount = 4_000_000

    mutating func add(_ sequence: [PickleValue]) -> PickleValue {
        sequences.append(sequence)
        return .sequence(sequences.count - 1)
    }

    mutating func addDictionary(_ pairs: [(key: PickleValue, value: PickleValue)] = []) -> PickleValue {
        dictionaries.append(pairs)
        return .dictionary(dictionaries.count - 1)
    }

    mutating func add(_ storage: TorchStorage) -> PickleValue {
        storages.append(storage)
        return .storage(storages.count - 1)
    }

    mutating func add(_ tensor: TorchTensor) -> PickleValue {
        tensors.append(tensor)
        return .tensor(tensors.count - 1)
    }

    /// The elements of a tuple or list, or nil where `value` is something else.
    func elements(of value: PickleValue?) -> [PickleValue]? {
        if case .sequence(let index)? = value { sequences[index] } else { nil }
    }

    /// The whole numbers of a tuple, or nil where `value` is something else.
    func integers(of value: PickleValue?) -> [Int]? {
        guard let elements = elements(of: value) else { return nil }
        let integers = elements.compactMap { element in
            if case .integer(let integer) = element { integer } else { nil }
        }
        return integers.count == elements.count ? integers : nil
    }

    /// Whether no more entries may be made.
    var isFull: Bool { sequences.count + dictionaries.count + storages.count + tensors.count > Self.largestCount }
}
