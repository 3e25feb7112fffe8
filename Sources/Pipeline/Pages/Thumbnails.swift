import Dispatch
public import Foundation
public import ImageInput
import Synchronization
import Tensors

/// Small versions of picture files, made on all cores.
public struct Thumbnails: Sendable {
    private let pictures: [String: Picture]

    /// Reads the files at `paths` and makes each fit into a square of `side` pixels. Files that are gone or no pictures any more have none.
    public init(of paths: some Sequence<String>, side: Int) {
        let paths = Array(Set(paths))
        let found = Mutex([String: Picture]())
        DispatchQueue.concurrentPerform(iterations: paths.count) { position in
            guard let bytes = try? PictureFile(path: paths[position]).bytes,
                let picture = try? Picture.thumbnail(of: bytes, side: side)
            else { return }
            found.withLock { $0[paths[position]] = picture }
        }
        pictures = found.withLock { $0 }
    }

    /// The same, and what is not in a file: bytes by their names.
    public init(of paths: some Sequence<String>, and bytes: [String: Data], side: Int) {
        var pictures = Thumbnails(of: paths, side: side).pictures
        for (name, bytes) in bytes { pictures[name] = try? Picture.thumbnail(of: bytes, side: side) }
        self.pictures = pictures
    }

    /// The picture of a path; nil where there is none.
    public subscript(path: String) -> Picture? { pictures[path] }

    /// An address that carries the picture as a JPEG file, for pages; nil where there is none.
    func address(_ path: String) -> String? {
        pictures[path].map { "data:image/jpeg;base64," + $0.jpegFile().base64EncodedString() }
    }
}
