import Foundation
import Tensors

/// A picture's bytes as they are on the disk now, with what tells whether the file changed later.
struct PictureFile {
    let bytes: Data
    /// Length in bytes.
    let size: Int
    /// Time of the last change, in nanoseconds since 1970.
    let modified: Int64

    /// Size and time of the last change alone; nil where the file cannot be looked at.
    static func status(_ path: String) -> (size: Int, modified: Int64)? {
        var status = stat()
        guard stat(path, &status) == 0 else { return nil }
        return (Int(status.st_size), nanoseconds(status))
    }

    /// Reads the whole file. The bytes are copied, not mapped: a file that shrinks under a mapping would end the process.
    init(path: String) throws {
        // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw InputError(path, "is not a regular file", remedy: "Name a picture file.")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        do { bytes = try handle.readToEnd() ?? Data() } catch { throw Self.failure(path) }
        size = Int(status.st_size)
        modified = Self.nanoseconds(status)
    }

    private static func nanoseconds(_ status: stat) -> Int64 {
        Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    private static func failure(_ path: String) -> InputError {
        let reason = InputError.systemReason
        return InputError(path, "cannot be read: \(reason)", remedy: "Check its name and your rights there.")
    }
}
