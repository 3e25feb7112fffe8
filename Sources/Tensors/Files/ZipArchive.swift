import CZlib
public import Foundation

/// The members of a ZIP file, read through its central directory (PKWARE's APPNOTE 6.3.10, with Zip64): stored and
/// deflated ones, as torch checkpoints, Python wheels and NumPy's `.npz` have them. Nothing is written or extracted to disk.
public struct ZipArchive: Sendable {
    /// What the central directory says of one member.
    public struct Member: Sendable, Hashable {
        /// Its name, with slashes.
        public let name: String
        /// Its length when unpacked, in bytes.
        public let size: Int
        let isDeflated: Bool
        let checksum: UInt32
        let bytes: Range<Int>
    }

    /// The members in the directory's order.
    public let members: [Member]
    private let file: MappedFile

    /// Opens the archive at `path` and checks its directory. Throws `InputError` where it is damaged or uses encryption or
    /// another compression than deflate.
    public init(path: String) throws {
        file = try MappedFile(path: path)
        members = try file.withUnsafeBytes { bytes in
            do { return try ZipDirectory(bytes: bytes).members() } catch let error as InputError {
                throw error.within(path)
            }
        }
    }

    /// Whether a file begins as a ZIP file does.
    public static func looksLikeOne(_ file: MappedFile) -> Bool {
        file.withUnsafeBytes { $0.starts(with: [0x50, 0x4B, 0x03, 0x04]) }
    }

    /// The first member called `name`.
    public func member(named name: String) -> Member? { members.first { $0.name == name } }

    /// A member's bytes, unpacked and checked against its CRC-32. Throws `InputError` where they are damaged.
    public func contents(of member: Member) throws -> Data {
        let data = try file.withUnsafeBytes { bytes in
            let packed = UnsafeRawBufferPointer(rebasing: bytes[member.bytes])
            return member.isDeflated ? try inflate(packed, member) : Data(packed)
        }
        let checksum = data.withUnsafeBytes { bytes in
            UInt32(crc32_z(0, bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count))
        }
        guard checksum == member.checksum else {
            throw InputError("\(file.path): \(member.name)", "is damaged: its CRC-32 differs", remedy: "Get it again.")
        }
        return data
    }

    /// Calls `body` with a stored member's bytes where they lie in the file, unchecked; nil for a deflated member.
    public func withStoredBytes<Result>(
        of member: Member, _ body: (UnsafeRawBufferPointer) throws -> Result
    ) rethrows -> Result? {
        guard !member.isDeflated else { return nil }
        return try file.withUnsafeBytes { try body(UnsafeRawBufferPointer(rebasing: $0[member.bytes])) }
    }

    private func inflate(_ packed: UnsafeRawBufferPointer, _ member: Member) throws -> Data {
        let damaged = InputError(
            "\(file.path): \(member.name)", "is damaged: cannot be unpacked", remedy: "Get it again.")
        // Deflate packs at most 1032:1; a directory that claims more is refused before memory is taken.
        guard member.size <= packed.count * 1032 + 64, packed.count < Int(UInt32.max), member.size < Int(UInt32.max)
        else { throw damaged }
        var stream = z_stream()
        guard inflateInit2_(&stream, -MAX_WBITS, ZLIB_VERSION, Int32(MemoryLayout<z_stream>.size)) == Z_OK else {
            throw damaged
        }
        defer { inflateEnd(&stream) }
        var data = Data(count: member.size)
        let status = data.withUnsafeMutableBytes { target in
            stream.next_in = UnsafeMutablePointer(
                mutating: packed.baseAddress?.assumingMemoryBound(to: UInt8.self))
            stream.avail_in = uInt(packed.count)
            stream.next_out = target.baseAddress?.assumingMemoryBound(to: UInt8.self)
            stream.avail_out = uInt(target.count)
            return CZlib.inflate(&stream, Z_FINISH)
        }
        guard status == Z_STREAM_END, Int(stream.total_out) == member.size else { throw damaged }
        return data
    }
}
