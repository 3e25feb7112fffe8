import Foundation
import Tensors

/// What a directory entry is.
enum FileKind {
    case file
    case folder
    case link
    case other

    /// The kind behind a path that a user gave, links followed. Throws `InputError` where there is nothing, and for what
    /// is neither a file nor a folder.
    init(ofInput path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0 else {
            guard errno == ENOENT else { throw InputError(path, "cannot be read: \(InputError.systemReason)") }
            try FilePath.refuseAddress(path)
            throw InputError(path, "does not exist")
        }
        self.init(mode: status.st_mode)
        guard self != .other else { throw InputError(path, "is neither a file nor a folder") }
    }

    /// The kind in the mode of a `stat` structure.
    init(mode: mode_t) {
        switch mode & S_IFMT {
        case S_IFREG: self = .file
        case S_IFDIR: self = .folder
        case S_IFLNK: self = .link
        default: self = .other
        }
    }

    /// The kind that `readdir` told, or nil where the file system tells none.
    init?(entryType: UInt8) {
        switch Int(entryType) {
        case Int(DT_REG): self = .file
        case Int(DT_DIR): self = .folder
        case Int(DT_LNK): self = .link
        case Int(DT_UNKNOWN): return nil
        default: self = .other
        }
    }
}
