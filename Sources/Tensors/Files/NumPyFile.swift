public import Foundation

/// NumPy's `.npy` format, version 1.0 to 3.0 read and 1.0 written (numpy.lib.format's document).
public enum NumPyFile {
    /// An array as read: its shape and its values as `Float`.
    public typealias Array = DenseTensor

    private static let magic: [UInt8] = [0x93, 0x4E, 0x55, 0x4D, 0x50, 0x59]
    private static let types: [String: ElementType] = [
        "<f8": .float64, "<f4": .float32, "<f2": .float16, "<i8": .int64, "<i4": .int32, "<i2": .int16, "|i1": .int8,
        "|u1": .uint8, "|b1": .bool,
    ]

    /// The header of a C-ordered little-endian array of `shape`; the values follow it in the file. It takes a multiple of `alignment`
    /// bytes, so that it can be written again for an array that has grown.
    public static func header(shape: [Int], element: ElementType = .float32, alignment: Int = 64) -> Data {
        guard let descriptor = types.first(where: { $0.value == element })?.key else {
            preconditionFailure("NumPy has no \(element)")
        }
        let dimensions = shape.map(String.init).joined(separator: ", ") + (shape.count == 1 ? "," : "")
        var text = "{'descr': '\(descriptor)', 'fortran_order': False, 'shape': (\(dimensions)), }"
        let rest = (10 + text.utf8.count + 1) % alignment
        text += String(repeating: " ", count: (alignment - rest) % alignment) + "\n"
        let length = UInt16(text.utf8.count)
        return Data(magic + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)]) + Data(text.utf8)
    }

    /// The bytes of an `.npy` file with the rows of `matrix` as `float32`, shape `[rows, columns]`.
    public static func encode(_ matrix: Matrix) -> Data {
        var data = header(shape: [matrix.rows, matrix.columns])
        matrix.withUnsafeElements { data.append(contentsOf: UnsafeRawBufferPointer($0)) }
        return data
    }

    /// Reads the bytes of an `.npy` file. Throws `InputError` where they are damaged, in Fortran order or of a type that
    /// is not a plain number.
    public static func decode(_ data: Data) throws -> Array {
        try data.withUnsafeBytes { bytes in
            let (shape, type, start) = try layout(of: bytes)
            let count = shape.reduce(1, *)
            return DenseTensor(
                shape: shape, elements: type.floats(in: UnsafeRawBufferPointer(rebasing: bytes[start...]), count: count)
            )
        }
    }

    /// The shape and the type of the array in the bytes of a file, and where its values begin. Throws as `decode` does.
    static func layout(of bytes: UnsafeRawBufferPointer) throws -> (shape: [Int], type: ElementType, start: Int) {
        let (text, start) = try headerText(bytes)
        guard let descriptor = quoted(after: "'descr':", in: text), let type = types[descriptor] else {
            throw InputError("npy header", "has no type that can be read: \(text)")
        }
        guard text.contains("'fortran_order': False") else {
            throw InputError("npy header", "says Fortran order", remedy: "Save it with numpy.ascontiguousarray.")
        }
        let shape = try shape(in: text)
        guard let count = DenseTensor.elementCount(of: shape), count <= (bytes.count - start) / type.size,
            count * type.size == bytes.count - start
        else { throw InputError("npy data", "\(bytes.count - start) bytes do not fit the shape \(shape)") }
        return (shape, type, start)
    }

    private static func headerText(_ bytes: UnsafeRawBufferPointer) throws -> (text: String, dataStart: Int) {
        guard bytes.count >= 10, bytes.prefix(6).elementsEqual(magic), (1...3).contains(bytes[6]) else {
            throw InputError("npy header", "is not NumPy's")
        }
        let wide = bytes[6] > 1
        let start = wide ? 12 : 10
        guard bytes.count >= start else { throw InputError("npy header", "is cut off") }
        let length =
            wide
            ? Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt32.self)))
            : Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: 8, as: UInt16.self)))
        guard length <= bytes.count - start else { throw InputError("npy header", "is cut off") }
        return (String(decoding: bytes[start..<start + length], as: UTF8.self), start + length)
    }

    private static func quoted(after key: String, in text: String) -> String? {
        guard let range = text.range(of: key) else { return nil }
        let parts = text[range.upperBound...].split(separator: "'", maxSplits: 2, omittingEmptySubsequences: false)
        return parts.count == 3 ? String(parts[1]) : nil
    }

    private static func shape(in text: String) throws -> [Int] {
        guard let key = text.range(of: "'shape': ("), let end = text[key.upperBound...].firstIndex(of: ")") else {
            throw InputError("npy header", "has no shape: \(text)")
        }
        return try text[key.upperBound..<end].split(separator: ",").map { part in
            let digits = part.trimmingCharacters(in: .whitespaces)
            guard let value = Int(digits), value >= 0 else {
                throw InputError("npy header", "has the dimension '\(digits)'")
            }
            return value
        }
    }
}
