import CLinux
import Foundation

/// Writes folders that are either the old ones or whole new ones, whatever happens in between.
public enum AtomicFolder {
    /// Has `produce` fill a new folder beside `path`, then puts that in the place of `path`. Throws `InputError` where that
    /// fails; then what is at `path` is as it was.
    public static func write(_ path: String, _ produce: (_ folder: String) throws -> Void) throws {
        let (parent, name) = (path.parentFolder, path.fileName)
        let temporary = parent.isEmpty ? ".\(name).new" : "\(parent)/.\(name).new"
        // What a killed process left.
        try? FileManager.default.removeItem(atPath: temporary)
        guard mkdir(temporary, 0o755) == 0 else { throw failure(path, "cannot be made") }
        do {
            try produce(temporary)
            try AtomicFile.synchronizeFolder(temporary)
            try put(temporary, at: path)
        } catch {
            try? FileManager.default.removeItem(atPath: temporary)
            throw error
        }
        try AtomicFile.synchronizeFolder(parent.isEmpty ? "." : parent)
        // Where a folder was replaced, the old one stands here now.
        try? FileManager.default.removeItem(atPath: temporary)
    }

    private static func put(_ temporary: String, at path: String) throws {
        // Onto a folder with something in it, only an exchange is atomic.
        if rename(temporary, path) == 0 { return }
        guard errno == ENOTEMPTY || errno == EEXIST else { throw failure(path, "cannot be put in place") }
        guard ftc_exchange_paths(temporary, path) == 0 else {
            throw failure(path, "cannot be replaced")
        }
    }

    private static func failure(_ path: String, _ fact: String) -> InputError {
        InputError(path, "\(fact): \(InputError.systemReason)", remedy: "Check the space and the rights there.")
    }
}
