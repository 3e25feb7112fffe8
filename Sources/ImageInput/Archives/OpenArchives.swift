public import Foundation
import Synchronization
import Tensors

/// The archives that pictures were read from last, so that the next picture of one does not have its directory read again.
public final class OpenArchives: Sendable {
    /// Those of this process.
    public static let shared = OpenArchives()

    private let archives = Mutex<[PictureArchive]>([])
    private static let most = 16

    /// A picture in an archive.
    public struct Picture: Sendable {
        /// The archive.
        public let archive: PictureArchive
        /// The picture's name in it.
        public let name: String

        /// The bytes of its file. Throws `InputError` where it is gone or damaged.
        public func bytes() throws -> Data { try archive.bytes(of: name) }
        /// Their number; nil where there is no such picture.
        public var size: Int? { archive.size(of: name) }
    }

    /// The archive and the name that a picture's path is made of; nil where no part of it is an archive. Throws `InputError` where
    /// the archive is damaged.
    public func picture(at path: String) throws -> Picture? {
        for end in Self.ends(in: path) {
            let file = String(path[..<end])
            var status = stat()
            guard stat(file, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            return Picture(archive: try archive(at: file), name: String(path[path.index(after: end)...]))
        }
        return nil
    }

    /// The archive at `path` as it is now. Throws `InputError` where it is none or is damaged.
    func archive(at path: String) throws -> PictureArchive {
        let modified = try PictureArchive.modified(path)
        return try archives.withLock { archives in
            let known = archives.firstIndex { $0.path.utf8.elementsEqual(path.utf8) && $0.modified == modified }
            let archive = try known.map { archives.remove(at: $0) } ?? PictureArchive(path: path)
            archives.insert(archive, at: 0)
            archives = Array(archives.prefix(Self.most))
            return archive
        }
    }

    /// Where a slash follows what may be an archive's name.
    private static func ends(in path: String) -> [String.Index] {
        path.indices.filter { index in
            path[index] == "/" && PictureArchive.isNamedAsOne(String(path[..<index]))
        }
    }
}

extension PictureArchive {
    /// Whether a file's name says that it is an archive.
    static func isNamedAsOne(_ path: String) -> Bool {
        extensions.contains { path.utf8.count > $0.utf8.count + 1 && path.lowercased().hasSuffix("." + $0) }
    }
}
