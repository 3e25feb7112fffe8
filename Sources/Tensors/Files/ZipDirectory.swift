import Foundation

/// Reads a ZIP file's end record and central directory; every offset is checked before it is followed.
struct ZipDirectory {
    let bytes: UnsafeRawBufferPointer

    private static let damaged = "The file is damaged or is not a ZIP file; get it again."

    func members() throws -> [ZipArchive.Member] {
        var (offset, count) = try endRecord()
        var members: [ZipArchive.Member] = []
        for _ in 0..<count {
            let (member, next) = try member(at: offset)
            if let member { members.append(member) }
            offset = next
        }
        return members
    }

    private func u16(_ offset: Int) throws -> Int {
        guard offset >= 0, offset <= bytes.count - 2 else { throw cutOff(offset) }
        return Int(UInt16(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt16.self)))
    }

    private func u32(_ offset: Int) throws -> Int {
        guard offset >= 0, offset <= bytes.count - 4 else { throw cutOff(offset) }
        return Int(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self)))
    }

    private func u64(_ offset: Int) throws -> Int {
        guard offset >= 0, offset <= bytes.count - 8 else { throw cutOff(offset) }
        let value = UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
        guard let int = Int(exactly: value), int <= bytes.count else { throw cutOff(offset) }
        return int
    }

    private func cutOff(_ offset: Int) -> InputError {
        InputError("zip directory", "points outside the file at byte \(offset)", remedy: Self.damaged)
    }

    /// Where the central directory starts and how many members it lists.
    private func endRecord() throws -> (offset: Int, count: Int) {
        let lowest = max(0, bytes.count - 22 - 0xFFFF)
        guard bytes.count >= 22,
            let end = stride(from: bytes.count - 22, through: lowest, by: -1).first(where: {
                (try? u32($0)) == 0x0605_4B50
            })
        else { throw InputError("zip directory", "has no end record", remedy: Self.damaged) }
        var count = try u16(end + 10)
        var offset = try u32(end + 16)
        if count == 0xFFFF || offset == 0xFFFF_FFFF, end >= 20, try u32(end - 20) == 0x0706_4B50 {
            let wide = try u64(end - 20 + 8)
            guard try u32(wide) == 0x0606_4B50 else { throw cutOff(wide) }
            count = try u64(wide + 32)
            offset = try u64(wide + 48)
        }
        // An entry takes at least 46 bytes, so a count beyond that is a lie.
        guard count <= bytes.count / 46 else {
            throw InputError("zip directory", "claims \(count) members in \(bytes.count) bytes", remedy: Self.damaged)
        }
        return (offset, count)
    }

    private func member(at offset: Int) throws -> (ZipArchive.Member?, next: Int) {
        guard try u32(offset) == 0x0201_4B50 else { throw cutOff(offset) }
        let (flags, method) = (try u16(offset + 8), try u16(offset + 10))
        let (nameLength, extraLength) = (try u16(offset + 28), try u16(offset + 30))
        let nameEnd = offset + 46 + nameLength
        let next = nameEnd + extraLength + (try u16(offset + 32))
        guard nameEnd <= bytes.count, next <= bytes.count else { throw cutOff(offset) }
        let name = String(decoding: bytes[offset + 46..<nameEnd], as: UTF8.self)
        if name.hasSuffix("/") { return (nil, next) }
        guard flags & 1 == 0 else { throw InputError(name, "is encrypted") }
        guard method == 0 || method == 8 else {
            throw InputError(name, "uses compression method \(method)", remedy: "Pack it stored or deflated.")
        }
        var sizes = (
            packed: try u32(offset + 20), plain: try u32(offset + 24), header: try u32(offset + 42)
        )
        try widen(&sizes, extra: nameEnd..<nameEnd + extraLength)
        guard try u32(sizes.header) == 0x0403_4B50 else { throw cutOff(sizes.header) }
        let start = sizes.header + 30 + (try u16(sizes.header + 26)) + (try u16(sizes.header + 28))
        guard start <= bytes.count, sizes.packed <= bytes.count - start, method == 8 || sizes.packed == sizes.plain
        else { throw cutOff(start) }
        let member = ZipArchive.Member(
            name: name, size: sizes.plain, isDeflated: method == 8, checksum: UInt32(try u32(offset + 16)),
            bytes: start..<start + sizes.packed)
        return (member, next)
    }

    /// Replaces sizes that are all ones by those of the Zip64 extra field, which lists only the ones it replaces.
    private func widen(_ sizes: inout (packed: Int, plain: Int, header: Int), extra: Range<Int>) throws {
        var field = extra.lowerBound
        while field + 4 <= extra.upperBound {
            let (tag, length) = (try u16(field), try u16(field + 2))
            if tag == 1 {
                var value = field + 4
                let end = min(value + length, extra.upperBound)
                for size in [\(packed: Int, plain: Int, header: Int).plain, \.packed, \.header]
                where sizes[keyPath: size] == 0xFFFF_FFFF && value + 8 <= end {
                    sizes[keyPath: size] =
                        Int(clamping: UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: value, as: UInt64.self)))
                    value += 8
                }
            }
            field += 4 + length
        }
    }
}
