public import Foundation

/// Writes files that are either the old ones or whole new ones, whatever happens in between.
public enum AtomicFile {
    /// Writes `data` to a temporary file beside `path`, flushes it to the disk, renames it to `path` and flushes the
    /// folder. Throws `InputError` where any of that fails; then the file at `path` is as it was.
    public static func write(_ data: Data, to path: String) throws {
        try write(to: path) { handle in try handle.write(contentsOf: data) }
    }

    /// The same for content that `produce` writes in pieces.
    public static func write(to path: String, _ produce: (FileHandle) throws -> Void) throws {
        try requireReplaceable(path)
        let folder = (path as NSString).deletingLastPathComponent
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw failure(path, "cannot be created") }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            do { try produce(handle) } catch let error as CocoaError {
                throw InputError(path, "cannot be written: \(error.localizedDescription)")
            }
            guard fsync(descriptor) == 0 else { throw failure(path, "cannot be flushed to the disk") }
        } catch {
            close(descriptor)
            unlink(temporary)
            throw error
        }
        guard close(descriptor) == 0, rename(temporary, path) == 0 else {
            let error = failure(path, "cannot be put in place")
            unlink(temporary)
            throw error
        }
        try synchronizeFolder(folder.isEmpty ? "." : folder)
    }

    /// Copies a file. Throws `InputError` where either end fails; then nothing is at `target` that was not before.
    public static func copy(_ source: String, to target: String) throws {
        guard let input = FileHandle(forReadingAtPath: source) else { throw failure(source, "cannot be opened") }
        defer { try? input.close() }
        try write(to: target) { output in
            while let piece = try input.read(upToCount: 1 << 22), !piece.isEmpty { try output.write(contentsOf: piece) }
        }
    }

    /// Flushes a folder's entries to the disk, so that a file created or renamed in it survives a power cut.
    public static func synchronizeFolder(_ path: String) throws {
        let descriptor = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw failure(path, "cannot be opened") }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw failure(path, "cannot be flushed to the disk") }
    }

    /// A device or a pipe would not be written to but put out of the way.
    private static func requireReplaceable(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        throw InputError(path, "is there and is not a regular file", remedy: "Name a file to write.")
    }

    private static func failure(_ path: String, _ fact: String) -> InputError {
        let reason = InputError.systemReason
        return InputError(path, "\(fact): \(reason)", remedy: "Check the space and the rights there, then run again.")
    }
}
