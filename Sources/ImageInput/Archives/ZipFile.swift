import CZip
import Foundation
import Synchronization
import Tensors

/// A zip archive, read with libzip: stored and deflated members, ZIP64, and what else that library unpacks; nothing encrypted.
final class ZipFile: Sendable {
    /// What a member is called, how long its bytes are, and its number in the archive's directory.
    struct Member {
        let name: String?
        let size: Int
        let index: UInt64
        /// Whether it is a file that can be read, and no folder or link.
        let isFile: Bool
    }

    let path: String
    /// libzip's handles are for one thread at a time.
    private let handle: Mutex<Handle>

    /// The open archive, which is closed with it.
    private final class Handle {
        let archive: OpaquePointer
        init(_ archive: OpaquePointer) { self.archive = archive }
        deinit { zip_discard(archive) }
    }

    /// Opens the archive at `path` and reads its directory. Throws `InputError` where it is none.
    init(path: String) throws {
        var code: Int32 = 0
        guard let archive = zip_open(path, ZIP_RDONLY, &code) else {
            var error = zip_error_t()
            zip_error_init_with_code(&error, code)
            defer { zip_error_fini(&error) }
            let reason = String(cString: zip_error_strerror(&error))
            throw InputError(
                path, "is no zip archive, or is damaged: \(reason)", remedy: "Give a zip file that is whole.")
        }
        self.path = path
        handle = Mutex(Handle(archive))
    }

    /// The members in the order of the directory.
    func members() -> [Member] {
        handle.withLock { handle in
            (0..<UInt64(max(0, zip_get_num_entries(handle.archive, 0)))).compactMap { Member(handle.archive, $0) }
        }
    }

    /// The bytes of a member. Throws `InputError` where they cannot be unpacked, or are more or fewer than the directory says.
    func bytes(of index: UInt64, size: Int) throws -> Data {
        try handle.withLock { handle in
            guard let file = zip_fopen_index(handle.archive, index, 0) else { throw fault(handle.archive) }
            defer { zip_fclose(file) }
            var data = Data(count: size)
            let read = data.withUnsafeMutableBytes { zip_fread(file, $0.baseAddress, UInt64(size)) }
            var rest: UInt8 = 0
            guard read == size, zip_fread(file, &rest, 1) == 0 else {
                let reason = String(cString: zip_file_strerror(file))
                throw InputError(path, "is damaged: a member of \(size) bytes cannot be unpacked: \(reason)")
            }
            return data
        }
    }

    private func fault(_ archive: OpaquePointer) -> InputError {
        InputError(path, "has a member that cannot be unpacked: \(String(cString: zip_strerror(archive)))")
    }
}

extension ZipFile.Member {
    fileprivate init?(_ archive: OpaquePointer, _ index: UInt64) {
        var status = zip_stat_t()
        guard zip_stat_index(archive, index, 0, &status) == 0, let name = status.name else { return nil }
        self.name = String(validatingCString: name)
        size = Int(clamping: status.size)
        self.index = index
        var (system, attributes): (UInt8, UInt32) = (0, 0)
        zip_file_get_external_attributes(archive, index, 0, &system, &attributes)
        let mode = mode_t(attributes >> 16) & S_IFMT
        let isSpecial = system == UInt8(ZIP_OPSYS_UNIX) && mode != 0 && mode != S_IFREG
        isFile = !isSpecial && self.name?.hasSuffix("/") == false
    }
}
