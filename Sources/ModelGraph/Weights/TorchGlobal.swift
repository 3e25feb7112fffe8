import Tensors

/// The names that a checkpoint's pickle may use, and what each means here. Everything else is refused by name.
enum TorchGlobal: Sendable, Hashable {
    /// A mapping such as `collections.OrderedDict`.
    case dictionary
    /// `torch._utils._rebuild_tensor`, `_v2` or `_v3`, which alone is told the type of its numbers.
    case tensor(isTold: Bool)
    /// `torch._utils._rebuild_parameter`, with or without a state: a tensor in a wrapper.
    case parameter
    /// `torch.Size`: a tuple.
    case size
    /// A type of storage, such as `torch.FloatStorage`.
    case storage(TorchNumber)
    /// A type of number, such as `torch.float32`.
    case number(TorchNumber)
    /// What weights do not need, but checkpoints have beside them: devices, sets, counters, raw bytes.
    case inert

    /// The meaning of a module's name. Throws `InputError` naming it where it is not on the list.
    init(module: String, name: String) throws {
        if let known = Self.named["\(module).\(name)"] {
            self = known
        } else if module == "torch" || module == "torch.cuda", name.hasSuffix("Storage"),
            let number = TorchNumber(storageName: String(name.dropLast("Storage".count)))
        {
            self = .storage(number)
        } else if module == "torch", let number = TorchNumber(name: name) {
            self = .number(number)
        } else {
            throw InputError(
                "pickle", "asks for \(module).\(name), which no tensor needs; nothing was called",
                remedy: PickleMachine.remedy)
        }
    }

    private static let named: [String: TorchGlobal] = [
        "collections.OrderedDict": .dictionary, "collections.defaultdict": .dictionary,
        "torch._utils._rebuild_tensor": .tensor(isTold: false),
        "torch._utils._rebuild_tensor_v2": .tensor(isTold: false),
        "torch._utils._rebuild_tensor_v3": .tensor(isTold: true),
        "torch._utils._rebuild_parameter": .parameter, "torch._utils._rebuild_parameter_with_state": .parameter,
        "torch.Size": .size, "torch.storage.UntypedStorage": .storage(.byte), "torch.UntypedStorage": .storage(.byte),
        "torch.device": .inert, "torch.strided": .inert, "collections.Counter": .inert, "_codecs.encode": .inert,
        "builtins.set": .inert, "builtins.frozenset": .inert, "builtins.bytearray": .inert, "__builtin__.set": .inert,
        "builtins.dict": .inert, "builtins.list": .inert, "builtins.int": .inert, "builtins.float": .inert,
    ]

    /// What a call of the name with `arguments` describes.
    func result(of arguments: [PickleValue], in arena: inout PickleArena) throws -> PickleValue {
        switch self {
        case .dictionary: return arena.addDictionary()
        case .tensor(let isTold): return arena.add(try TorchTensor(arguments, isTold: isTold, in: arena))
        case .parameter:
            guard case .tensor? = arguments.first else {
                throw InputError("pickle", "has a parameter without a tensor")
            }
            return arguments[0]
        case .size: return arguments.first ?? .inert
        case .inert: return .inert
        case .storage, .number:
            throw InputError("pickle", "calls a type of number; nothing was called", remedy: PickleMachine.remedy)
        }
    }
}

/// A type of number as torch names it, with its size in files; `type` is nil where it cannot become a `Float`.
struct TorchNumber: Sendable, Hashable {
    /// The name after `torch.`, such as `float32`.
    let name: String
    /// Bytes of one number.
    let size: Int
    /// How to read it, or nil for complex and quantized numbers.
    let type: ElementType?

    /// What `torch.ByteStorage` and untyped storages hold.
    static let byte = TorchNumber(name: "uint8", size: 1, type: .uint8)

    /// The number of a dtype such as `float32` or `half`.
    init?(name: String) {
        guard let known = Self.known.first(where: { $0.names.contains(name) }) else { return nil }
        self.init(name: known.names[0], size: known.size, type: known.type)
    }

    /// The number in a storage such as `Float` of `torch.FloatStorage`.
    init?(storageName: String) {
        guard let known = Self.known.first(where: { $0.storage == storageName }) else { return nil }
        self.init(name: known.names[0], size: known.size, type: known.type)
    }

    private init(name: String, size: Int, type: ElementType?) {
        self.name = name
        self.size = size
        self.type = type
    }

    private static let known: [(names: [String], storage: String?, size: Int, type: ElementType?)] = [
        (["float32", "float"], "Float", 4, .float32), (["float64", "double"], "Double", 8, .float64),
        (["float16", "half"], "Half", 2, .float16), (["bfloat16"], "BFloat16", 2, .bfloat16),
        (["int64", "long"], "Long", 8, .int64), (["int32", "int"], "Int", 4, .int32),
        (["int16", "short"], "Short", 2, .int16), (["int8"], "Char", 1, .int8), (["uint8"], "Byte", 1, .uint8),
        (["bool"], "Bool", 1, .bool), (["complex64", "cfloat"], "ComplexFloat", 8, nil),
        (["complex128", "cdouble"], "ComplexDouble", 16, nil), (["qint8"], "QInt8", 1, nil),
        (["quint8"], "QUInt8", 1, nil), (["qint32"], "QInt32", 4, nil), (["uint16"], nil, 2, nil),
        (["uint32"], nil, 4, nil), (["uint64"], nil, 8, nil), (["float8_e4m3fn"], nil, 1, nil),
        (["float8_e5m2"], nil, 1, nil), (["float8_e4m3fnuz"], nil, 1, nil), (["float8_e5m2fnuz"], nil, 1, nil),
    ]
}
