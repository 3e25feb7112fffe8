import Foundation
import Tensors

/// Paths as the system resolves them.
enum FilePath {
    /// The absolute path without links, `.` and `..`; nil, with `errno` set, where something on the way is missing.
    static func resolved(_ path: String) -> String? {
        guard let real = realpath(path, nil) else { return nil }
        defer { free(real) }
        return String(validatingCString: real)
    }

    /// As `resolved`; throws `InputError` where there is no such path.
    static func real(_ path: String) throws -> String {
        guard let real = resolved(path) else {
            throw InputError(path, "cannot be resolved to a real path: \(InputError.systemReason)")
        }
        return real
    }

    /// The absolute path of a file: its folder resolved, its own name kept, so that a link keeps the name it was given.
    static func absolute(_ file: String) throws -> String {
        let cut = file.utf8.lastIndex(of: UInt8(ascii: "/"))
        let folder = cut.map { String(file[...$0]) } ?? "."
        let name = cut.map { String(file[file.utf8.index(after: $0)...]) } ?? file
        let real = try real(folder)
        return real == "/" ? "/" + name : real + "/" + name
    }

    /// Throws `InputError` for an address such as `s3://bucket/1.jpg` (RFC 3986, section 3.1) in the place of a path.
    static func refuseAddress(_ path: String) throws {
        guard let colon = path.firstRange(of: "://"), let first = path.first, first.isASCII, first.isLetter,
            path[..<colon.lowerBound].allSatisfy({ $0.isASCII && ($0.isLetter || $0.isNumber || "+-.".contains($0)) })
        else { return }
        throw InputError(path, "is an address, and nothing is fetched: download the pictures first")
    }

    /// Whether `path` is `folder` or lies in it; both resolved.
    static func isWithin(_ path: String, _ folder: String) -> Bool {
        guard folder != "/", path.utf8.starts(with: folder.utf8) else { return folder == "/" }
        return path.utf8.count == folder.utf8.count || path.utf8.dropFirst(folder.utf8.count).first == UInt8(ascii: "/")
    }
}
