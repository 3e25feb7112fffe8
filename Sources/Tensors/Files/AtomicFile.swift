public import Foundation

/// Writes files that are either the old ones or whole new ones, whatever happens in between.
public enum AtomicFile {
    /// Writes `data` to a temporary file beside `path`, flushes it to the disk, renames it to `path` and flushes the
    /// folder. Throws `InputError` where any of that fails; then the file at `path` is as it was, or, where only the
    /// folder could not be flushed, the new one. Temporary files that killed writers left are removed.
    public static func write(_ data: Data, to path: String) throws {
        try write(to: path) { handle in try handle.write(contentsOf: data) }
    }

    /// The same for content that `produce` writes in pieces.
    public static func write(to path: String, _ produce: (FileHandle) throws -> Void) throws {
        try requireReplaceable(path)
        let folder = path.parentFolder
        removeAbandoned(beside: path)
        let temporary = "\(path).\(getpid()).tmp"
        let descriptor = openHeld(temporary)
        guard descriptor >= 0 else { throw failure(path, "cannot be created") }
        do {
            let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
            try naming(path) { try produce(handle) }
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

    /// Opens a temporary file, empty, and holds it (`flock`) as long as the descriptor is open, so that nobody takes it for
    /// abandoned. -1 where it cannot be made.
    private static func openHeld(_ temporary: String) -> Int32 {
        while true {
            let descriptor = open(temporary, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o644)
            var status = stat()
            // Somebody may have removed it in the instant before it was held. Where files cannot be held, nobody does.
            guard descriptor >= 0, flock(descriptor, LOCK_EX) == 0, fstat(descriptor, &status) == 0,
                status.st_nlink == 0
            else { return descriptor }
            close(descriptor)
        }
    }

    /// Removes temporary files for `path` of writers that were killed. Where that fails they stay: they only take space.
    private static func removeAbandoned(beside path: String) {
        let folder = path.parentFolder
        let prefix = path.fileName + "."
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.isEmpty ? "." : folder)) ?? []
        for name in names where name.hasPrefix(prefix) && name.hasSuffix(".tmp") {
            guard Int32(name.dropFirst(prefix.count).dropLast(4)) != nil else { continue }
            let file = folder.isEmpty ? name : "\(folder)/\(name)"
            let descriptor = open(file, O_WRONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK)
            guard descriptor >= 0 else { continue }
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { unlink(file) }
            close(descriptor)
        }
    }

    /// A device or a pipe would not be written to but put out of the way.
    private static func requireReplaceable(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG else { return }
        throw InputError(path, "is there and is not a regular file", remedy: "Name a file to write.")
    }

    /// Does `body`, which writes, and names the file at `path` in Foundation's errors.
    package static func naming(_ path: String, _ body: () throws -> Void) throws {
        do { try body() } catch let error as CocoaError {
            throw InputError(path, "cannot be written: \(InputError.reason(of: error))", remedy: remedy)
        }
    }

    /// The error of the system's call that failed a moment ago.
    package static func failure(_ path: String, _ fact: String) -> InputError {
        let reason = InputError.systemReason
        return InputError(path, "\(fact): \(reason)", remedy: remedy)
    }

    private static let remedy = "Check the space and the rights there, then run again."
}
