import CArchive
import Foundation
import Tensors

/// A tar archive, read in place with libarchive: ustar, GNU and pax, not compressed, so that any member can be read by itself.
struct TarFile: Sendable {
    /// What a member is called, how long it is, and where in the archive its header begins.
    struct Member {
        /// The name; nil where it is not UTF-8.
        let name: String?
        let size: Int
        let offset: Int64
        /// Whether it is a file, and no folder, link or device.
        let isFile: Bool
    }

    let path: String

    private static let blockSize = 64 << 10

    /// Walks all members in their order, past their bytes unless `body` asks for them. Throws `InputError` where the file is no tar
    /// archive or ends within a member.
    func forEachMember(_ body: (Member, _ bytes: () throws -> Data) throws -> Void) throws {
        try reading(from: 0) { archive in
            while let (entry, offset) = try next(archive) {
                let member = Member(entry, offset: offset)
                try body(member) { try bytes(archive, count: member.size) }
            }
        }
    }

    /// The bytes of the member whose header begins at `offset`. Throws `InputError` where there is none, or none of that size.
    func bytes(at offset: Int64, size: Int) throws -> Data {
        try reading(from: offset) { archive in
            guard let (entry, _) = try next(archive), archive_entry_size(entry) == size else {
                throw InputError(path, "has changed while it was read", remedy: "Run the command again.")
            }
            return try bytes(archive, count: size)
        }
    }

    private func reading<Result>(from offset: Int64, _ body: (OpaquePointer) throws -> Result) throws -> Result {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { throw InputError(path, "cannot be read: \(InputError.systemReason)") }
        defer { close(descriptor) }
        guard lseek(descriptor, off_t(offset), SEEK_SET) == offset, let archive = archive_read_new() else {
            throw InputError(path, "cannot be read: \(InputError.systemReason)")
        }
        defer { archive_read_free(archive) }
        archive_read_support_filter_none(archive)
        archive_read_support_format_tar(archive)
        try require(archive_read_open_fd(archive, descriptor, Self.blockSize), archive)
        return try body(archive)
    }

    /// The next member's header and where it begins; nil after the last.
    private func next(_ archive: OpaquePointer) throws -> (entry: OpaquePointer, offset: Int64)? {
        var entry: OpaquePointer?
        let code = archive_read_next_header(archive, &entry)
        guard code != ARCHIVE_EOF, let entry else {
            try require(code, archive)
            return nil
        }
        try require(code, archive)
        return (entry, archive_read_header_position(archive))
    }

    private func bytes(_ archive: OpaquePointer, count: Int) throws -> Data {
        var data = Data(count: count)
        let read = data.withUnsafeMutableBytes { archive_read_data(archive, $0.baseAddress, count) }
        guard read == count else { throw fault(archive, "ends within a member") }
        return data
    }

    /// Warnings are of names that the locale has no letters for; names are taken as bytes here.
    private func require(_ code: Int32, _ archive: OpaquePointer) throws {
        guard code == ARCHIVE_OK || code == ARCHIVE_WARN || code == ARCHIVE_EOF else {
            throw fault(archive, "cannot be read")
        }
    }

    private func fault(_ archive: OpaquePointer, _ words: String) -> InputError {
        let reason = archive_error_string(archive).map { ": " + String(cString: $0) } ?? ""
        return InputError(
            path, "is no tar archive, or is damaged: it \(words)\(reason)",
            remedy: "Give a tar file that is whole and not compressed.")
    }
}

extension TarFile.Member {
    fileprivate init(_ entry: OpaquePointer, offset: Int64) {
        name = archive_entry_pathname(entry).flatMap { String(validatingCString: $0) }
        size = Int(clamping: archive_entry_size(entry))
        self.offset = offset
        let isLink = archive_entry_hardlink(entry) != nil
        isFile = archive_entry_filetype(entry) == S_IFREG && !isLink
    }
}
