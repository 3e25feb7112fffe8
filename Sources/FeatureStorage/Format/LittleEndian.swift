/// Integers in the byte order of the store's files.
extension Array where Element == UInt8 {
    func littleEndian<Value: FixedWidthInteger>(_ type: Value.Type = Value.self, at offset: Int) -> Value {
        Value(littleEndian: withUnsafeBytes { $0.loadUnaligned(fromByteOffset: offset, as: Value.self) })
    }

    mutating func store<Value: FixedWidthInteger>(_ value: Value, at offset: Int) {
        withUnsafeMutableBytes { $0.storeBytes(of: value.littleEndian, toByteOffset: offset, as: Value.self) }
    }
}

extension Int {
    /// The next multiple of 64: sections of a segment begin on such.
    var aligned: Int { (self + 63) & ~63 }
}
