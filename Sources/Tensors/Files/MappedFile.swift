import Foundation

/// A whole file mapped read-only. The mapping lives as long as the object; pointers stay inside `withUnsafeBytes`.
public final class MappedFile: Sendable {
    /// The path as given.
    public let path: String
    /// The file's length when it was mapped, in bytes.
    public let count: Int
    private let base: UInt

    /// Maps the file at `path`. Throws `InputError` where it is missing, is not a regular file or cannot be mapped.
    public init(path: String) throws {
        self.path = path
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = InputError.systemReason
            throw InputError(path, "cannot be opened: \(reason)", remedy: "Check its name and your rights there.")
        }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            throw InputError(path, "is not a regular file")
        }
        count = Int(status.st_size)
        guard count > 0 else {
            base = 0
            return
        }
        guard let mapping = mmap(nil, count, PROT_READ, MAP_PRIVATE, descriptor, 0), mapping != MAP_FAILED else {
            throw InputError(path, "cannot be mapped: \(InputError.systemReason)")
        }
        base = UInt(bitPattern: mapping)
    }

    deinit {
        if base != 0 { munmap(UnsafeMutableRawPointer(bitPattern: base), count) }
    }

    /// Calls `body` with the file's bytes.
    public func withUnsafeBytes<Result>(_ body: (UnsafeRawBufferPointer) throws -> Result) rethrows -> Result {
        try body(UnsafeRawBufferPointer(start: UnsafeRawPointer(bitPattern: base), count: count))
    }
}
