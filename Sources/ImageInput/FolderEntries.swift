import Foundation

/// The entries of one folder.
enum FolderEntries {
    /// A name and what it stands for.
    struct Entry {
        /// The bytes of the name.
        let bytes: [UInt8]
        /// What it is; links are not followed.
        let kind: FileKind

        /// The name, or nil where it is not UTF-8.
        var name: String? { String(validating: bytes, as: UTF8.self) }
        /// The name with U+FFFD for what is not UTF-8.
        var displayName: String { String(decoding: bytes, as: UTF8.self) }
    }

    /// The entries of `folder` in bytewise order of their names, hidden ones left out; nil, with `errno` set, where it
    /// cannot be read. Kinds come from the directory itself wherever the file system keeps them there.
    static func read(_ folder: String) -> [Entry]? {
        guard let stream = opendir(folder) else { return nil }
        defer { closedir(stream) }
        var entries: [Entry] = []
        errno = 0
        while let record = readdir(stream) {
            if let entry = entry(record, in: dirfd(stream)) { entries.append(entry) }
            errno = 0
        }
        guard errno == 0 else { return nil }
        entries.sort { $0.bytes.lexicographicallyPrecedes($1.bytes) }
        return entries
    }

    private static func entry(_ record: UnsafeMutablePointer<dirent>, in folder: Int32) -> Entry? {
        // A record is as long as its name: the bytes are read in place, without copying the declared 256.
        guard let offset = MemoryLayout<dirent>.offset(of: \.d_name) else { return nil }
        let name = (UnsafeRawPointer(record) + offset).assumingMemoryBound(to: CChar.self)
        guard name.pointee != CChar(bitPattern: UInt8(ascii: ".")) else { return nil }
        let bytes = UnsafeRawBufferPointer(start: name, count: strlen(name))
        let kind = FileKind(entryType: record.pointee.d_type) ?? kind(of: name, in: folder)
        return Entry(bytes: Array(bytes), kind: kind)
    }

    private static func kind(of name: UnsafePointer<CChar>, in folder: Int32) -> FileKind {
        var status = stat()
        return fstatat(folder, name, &status, AT_SYMLINK_NOFOLLOW) == 0 ? FileKind(mode: status.st_mode) : .other
    }
}
