/// Puts pickles together by hand, protocol 2 as torch writes it, so that tests need no Python.
struct PickleWriter {
    private(set) var bytes: [UInt8] = [0x80, 2]

    /// The pickle of what `describe` writes.
    static func pickle(_ describe: (inout PickleWriter) -> Void) -> [UInt8] {
        var writer = PickleWriter()
        describe(&writer)
        return writer.bytes + [UInt8(ascii: ".")]
    }

    mutating func raw(_ more: [UInt8]) { bytes += more }
    mutating func raw(_ text: String) { bytes += Array(text.utf8) }

    mutating func string(_ text: String) {
        raw("X")
        raw(littleEndian(UInt32(text.utf8.count)) + Array(text.utf8))
    }

    mutating func integer(_ value: Int) {
        raw([0x8A, 8])
        raw(littleEndian(UInt64(bitPattern: Int64(value))))
    }

    mutating func none() { raw("N") }
    mutating func bool(_ value: Bool) { raw([value ? 0x88 : 0x89]) }
    mutating func global(_ module: String, _ name: String) { raw("c\(module)\n\(name)\n") }

    mutating func tuple(_ elements: (inout PickleWriter) -> Void) {
        raw("(")
        elements(&self)
        raw("t")
    }

    mutating func tuple(_ numbers: [Int]) { tuple { writer in numbers.forEach { writer.integer($0) } } }

    /// An empty dictionary, filled by keys and values that `items` writes.
    mutating func dictionary(isOrdered: Bool = false, _ items: (inout PickleWriter) -> Void) {
        if isOrdered {
            global("collections", "OrderedDict")
            raw(")R")
        } else {
            raw("}")
        }
        raw("(")
        items(&self)
        raw("u")
    }

    /// The tensor that `torch._utils._rebuild_tensor_v2` makes.
    mutating func tensor(_ tensor: StoredTensor, view: [String]? = nil, isLegacy: Bool) {
        global("torch._utils", "_rebuild_tensor_v2")
        tuple { writer in
            writer.tuple { writer in
                writer.string("storage")
                writer.global("torch", tensor.storageType)
                writer.string(tensor.key)
                writer.string("cpu")
                writer.integer(tensor.storageCount)
                if isLegacy { writer.none() }
            }
            writer.raw("Q")
            writer.integer(tensor.offset)
            writer.tuple(tensor.shape)
            writer.tuple(tensor.strides)
            writer.bool(false)
            writer.global("collections", "OrderedDict")
            writer.raw(")R")
        }
        raw("R")
    }
}

/// A tensor as a checkpoint describes it.
struct StoredTensor {
    var storageType = "FloatStorage"
    var key: String
    var storageCount: Int
    var offset = 0
    var shape: [Int]
    var strides: [Int]

    /// A dense tensor with a storage of its own.
    init(key: String, shape: [Int], storageType: String = "FloatStorage") {
        self.storageType = storageType
        self.key = key
        self.shape = shape
        storageCount = shape.reduce(1, *)
        var strides = [Int](repeating: 1, count: shape.count)
        for index in shape.indices.dropLast().reversed() { strides[index] = strides[index + 1] * shape[index + 1] }
        self.strides = strides
    }

    init(key: String, storageCount: Int, offset: Int, shape: [Int], strides: [Int]) {
        (self.key, self.storageCount, self.offset, self.shape, self.strides) = (
            key, storageCount, offset, shape, strides
        )
    }
}

/// A number's bytes, least significant first.
func littleEndian(_ value: some FixedWidthInteger) -> [UInt8] { withUnsafeBytes(of: value.littleEndian) { Array($0) } }

/// The bytes of floats, least significant first.
func littleEndian(_ values: [Float]) -> [UInt8] { values.flatMap { littleEndian($0.bitPattern) } }
