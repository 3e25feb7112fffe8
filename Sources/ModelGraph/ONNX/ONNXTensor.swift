import Foundation
import Tensors

/// Numbers in an ONNX file. How many there are was checked when the file was opened; they are converted when asked for.
struct ONNXTensor: Sendable, Hashable {
    let dims: [Int]
    /// How a number is stored.
    let type: ElementType
    private let message: Onnx_TensorProto

    /// Whether the numbers are whole.
    var holdsIntegers: Bool { ![.float64, .float32, .float16, .bfloat16].contains(type) }

    /// Checks what a file says of a tensor called `name` against what it has. Throws `InputError`; nothing is converted yet.
    init(_ message: Onnx_TensorProto, named name: String) throws {
        let object = "tensor '\(name)'"
        guard message.dataLocation == 0, message.externalData.isEmpty else {
            throw InputError(
                object, "has its numbers in another file (\(message.externalData.first?.value ?? "not named"))",
                remedy:
                    "Save the network as one file: load it with its data and save it with save_as_external_data=False.")
        }
        guard !message.hasSegment else { throw InputError(object, "is stored in segments", remedy: "Save it as one.") }
        guard let type = Self.types[message.dataType] else {
            throw InputError(
                object, "has numbers of ONNX type \(message.dataType)",
                remedy: "Supported are floats of 16, 32 and 64 bits, bfloat16, and integers.")
        }
        let dims = message.dims.compactMap { Int(exactly: $0) }
        guard let count = ONNXConstant.count(of: dims) else {
            throw InputError(object, "claims the shape \(dims), which no file can hold", remedy: "The file is damaged.")
        }
        let stored = Self.storedBytes(message, type)
        guard stored == count * type.size else {
            throw InputError(
                object, "claims \(dims): \(count * type.size) bytes; the file has \(stored)",
                remedy: "The file is damaged, or not all there: fetch it again.")
        }
        guard Self.hasOneField(message), message.int32Data.allSatisfy({ Self.fits($0, type) }) else {
            throw InputError(
                object, "has its numbers in two forms, or numbers that its type cannot hold",
                remedy: "The file is damaged.")
        }
        (self.dims, self.type, self.message) = (dims, type, message)
    }

    /// Whether there are no numbers but those that are read.
    private static func hasOneField(_ message: Onnx_TensorProto) -> Bool {
        let fields = [
            message.rawData.isEmpty, message.floatData.isEmpty, message.doubleData.isEmpty, message.int64Data.isEmpty,
            message.int32Data.isEmpty,
        ]
        return fields.count { !$0 } <= 1
    }

    /// Whether a number that ONNX keeps as an int32 is one of `type`, or the bits of one.
    private static func fits(_ number: Int32, _ type: ElementType) -> Bool {
        switch type {
        case .uint8: UInt8(exactly: number) != nil
        case .int8: Int8(exactly: number) != nil
        case .int16: Int16(exactly: number) != nil
        case .bool: number == 0 || number == 1
        case .float16, .bfloat16: UInt16(exactly: number) != nil
        default: true
        }
    }

    /// By TensorProto's numbers. Unsigned types wider than 8 bits are left out: no image network needs them.
    private static let types: [Int32: ElementType] = [
        1: .float32, 2: .uint8, 3: .int8, 5: .int16, 6: .int32, 7: .int64, 9: .bool, 10: .float16, 11: .float64,
        16: .bfloat16,
    ]

    /// How many bytes the numbers have that are there, in whichever field they are.
    private static func storedBytes(_ message: Onnx_TensorProto, _ type: ElementType) -> Int {
        guard !message.hasRawData else { return message.rawData.count }
        switch type {
        case .float32: return message.floatData.count * type.size
        case .float64: return message.doubleData.count * type.size
        case .int64: return message.int64Data.count * type.size
        default: return message.int32Data.count * type.size
        }
    }

    /// The numbers as `Float`, rounded where they are wider.
    func floats() -> [Float] {
        guard !message.hasRawData else { return message.rawData.withUnsafeBytes { type.floats(in: $0, count: count) } }
        switch type {
        case .float32: return message.floatData
        case .float64: return message.doubleData.map(Float.init)
        case .int64: return message.int64Data.map(Float.init)
        case .float16, .bfloat16:
            // The bits of each number stand in an integer of its own.
            let bits = message.int32Data.map { UInt16(truncatingIfNeeded: $0).littleEndian }
            return bits.withUnsafeBytes { type.floats(in: $0, count: count) }
        default: return message.int32Data.map(Float.init)
        }
    }

    /// The numbers where they are whole. Throws `InputError` where they are not.
    func integers() throws -> [Int] {
        guard holdsIntegers else { throw InputError("tensor", "has fractions where whole numbers are expected") }
        guard message.hasRawData else {
            return type == .int64 ? message.int64Data.map { Int($0) } : message.int32Data.map { Int($0) }
        }
        return message.rawData.withUnsafeBytes { bytes in
            (0..<count).map { index in
                let offset = index * type.size
                switch type {
                case .int64:
                    return Int(Int64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int64.self)))
                case .int32:
                    return Int(Int32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int32.self)))
                case .int16:
                    return Int(Int16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: Int16.self)))
                case .int8: return Int(Int8(bitPattern: bytes[offset]))
                default: return Int(bytes[offset])
                }
            }
        }
    }

    private var count: Int { dims.reduce(1, *) }
}
