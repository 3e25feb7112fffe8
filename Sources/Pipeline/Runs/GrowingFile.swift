import Foundation
import Tensors

/// Files that grow at their end, a record at a time: for logs of which an epoch's part should not cost as much as all before it.
enum GrowingFile {
    /// Adds `record` to the end of the file at `path`, which is made where there is none, and flushes it to the disk. Throws
    /// `InputError` where that fails; the file then ends as it did. Half a record stays only where the process or the machine ends
    /// while it is written.
    static func append(_ record: Data, to path: String) throws {
        let isNew = access(path, F_OK) != 0
        let descriptor = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw AtomicFile.failure(path, "cannot be opened") }
        defer { close(descriptor) }
        let length = lseek(descriptor, 0, SEEK_END)
        do {
            try AtomicFile.naming(path) {
                try FileHandle(fileDescriptor: descriptor, closeOnDealloc: false).write(contentsOf: record)
            }
            guard fsync(descriptor) == 0 else { throw AtomicFile.failure(path, "cannot be flushed to the disk") }
        } catch {
            ftruncate(descriptor, length)
            throw error
        }
        if isNew { try AtomicFile.synchronizeFolder(path.parentFolder) }
    }
}
