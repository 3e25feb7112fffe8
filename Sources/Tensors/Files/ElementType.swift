/// How a file stores one number.
public enum ElementType: String, Sendable, Hashable, CaseIterable {
    /// IEEE binary64.
    case float64 = "F64"
    /// IEEE binary32.
    case float32 = "F32"
    /// IEEE binary16.
    case float16 = "F16"
    /// The upper half of a binary32.
    case bfloat16 = "BF16"
    /// Two's complement, 64 bits.
    case int64 = "I64"
    /// Two's complement, 32 bits.
    case int32 = "I32"
    /// Two's complement, 16 bits.
    case int16 = "I16"
    /// Two's complement, 8 bits.
    case int8 = "I8"
    /// Unsigned, 8 bits.
    case uint8 = "U8"
    /// One byte, 0 or 1.
    case bool = "BOOL"

    /// Bytes of one number.
    public var size: Int {
        switch self {
        case .float64, .int64: 8
        case .float32, .int32: 4
        case .float16, .bfloat16, .int16: 2
        case .int8, .uint8, .bool: 1
        }
    }

    /// Little-endian numbers of this type as `Float`, rounded where `Float` is narrower; `bytes` may be unaligned and
    /// must hold `count` of them.
    public func floats(in bytes: UnsafeRawBufferPointer, count: Int) -> [Float] {
        precondition(bytes.count >= count * size, "\(bytes.count) bytes hold fewer than \(count) \(rawValue)")
        func each<Stored>(_: Stored.Type, _ convert: (Stored) -> Float) -> [Float] {
            (0..<count).map { convert(bytes.loadUnaligned(fromByteOffset: $0 * size, as: Stored.self)) }
        }
        switch self {
        case .float32: return copied(bytes, count)
        case .float16: return widened(bytes, count)
        case .bfloat16: return each(UInt16.self) { Float(bitPattern: UInt32(UInt16(littleEndian: $0)) << 16) }
        case .float64: return each(UInt64.self) { Float(Double(bitPattern: UInt64(littleEndian: $0))) }
        case .int64: return each(Int64.self) { Float(Int64(littleEndian: $0)) }
        case .int32: return each(Int32.self) { Float(Int32(littleEndian: $0)) }
        case .int16: return each(Int16.self) { Float(Int16(littleEndian: $0)) }
        case .int8: return each(Int8.self) { Float($0) }
        case .uint8, .bool: return each(UInt8.self) { Float($0) }
        }
    }

    private func copied(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { target, initialized in
            UnsafeMutableRawBufferPointer(target).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 4)]))
            initialized = count
        }
    }

    private func widened(_ bytes: UnsafeRawBufferPointer, _ count: Int) -> [Float] {
        let halves = [UInt16](unsafeUninitializedCapacity: count) { target, initialized in
            UnsafeMutableRawBufferPointer(target).copyMemory(
                from: UnsafeRawBufferPointer(rebasing: bytes[..<(count * 2)]))
            initialized = count
        }
        return [Float](unsafeUninitializedCapacity: count) { target, initialized in
            let floats = UnsafeMutableBufferPointer(rebasing: target[..<count])
            halves.withUnsafeBufferPointer { HalfPrecision.widen($0, into: floats) }
            initialized = count
        }
    }
}
