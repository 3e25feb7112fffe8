import Foundation
import ImageInput
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
        guard stat(path, &status) != 0 else { return (Int(status.st_size), nanoseconds(status)) }
        guard errno == ENOTDIR, let picture = try? OpenArchives.shared.picture(at: path), let size = picture.size else {
            return nil
        }
        return (size, picture.archive.modified)
    }

    /// The same for a picture of a listing; bytes that it brought along have no time.
    static func status(_ picture: ListedPicture) -> (size: Int, modified: Int64)? {
        picture.bytes.map { ($0.count, 0) } ?? status(picture.path)
    }

    /// Reads a picture of a listing, as `init(path:)` does where it did not bring its bytes along.
    init(_ picture: ListedPicture) throws {
        guard let bytes = picture.bytes else {
            try self.init(path: picture.path)
            return
        }
        self.init(bytes: bytes, modified: 0)
    }

    private init(bytes: Data, modified: Int64) { (self.bytes, size, self.modified) = (bytes, bytes.count, modified) }

    /// Reads the whole file, or the picture in an archive that the path names. The bytes are copied, not mapped: a file that shrinks under
    /// a mapping would end the process.
    init(path: String) throws {
        // Without O_NONBLOCK, opening a pipe would wait for somebody to write to it.
        let descriptor = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK)
        if descriptor < 0, errno == ENOTDIR, let picture = try OpenArchives.shared.picture(at: path) {
            self.init(bytes: try picture.bytes(), modified: picture.archive.modified)
            return
        }
        guard descriptor >= 0 else { throw Self.failure(path) }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0 else { throw Self.failure(path) }
        guard status.st_mode & S_IFMT == S_IFREG else {
            throw InputError(path, "is not a regular file", remedy: "Name a picture file.")
        }
        let handle = FileHandle(fileDescriptor: descriptor, closeOnDealloc: false)
        guard let bytes = try? handle.readToEnd() ?? Data() else { throw Self.failure(path) }
        self.init(bytes: bytes, modified: Self.nanoseconds(status))
    }

    private static func nanoseconds(_ status: stat) -> Int64 {
        Int64(status.st_mtim.tv_sec) * 1_000_000_000 + Int64(status.st_mtim.tv_nsec)
    }

    private static func failure(_ path: String) -> InputError {
        let reason = InputError.systemReason
        return InputError(path, "cannot be read: \(reason)", remedy: "Check its name and your rights there.")
    }
}
