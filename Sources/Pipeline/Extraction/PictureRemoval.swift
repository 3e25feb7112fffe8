import FeatureStorage
import Foundation
import ImageInput
import Tensors

/// Takes pictures off a store's listing and out of its failures: those of a folder that was renamed or deleted, which no build
/// of that folder will ever report as gone. Their features stay until they are collected as garbage.
public struct PictureRemoval: Sendable, Hashable {
    /// The pictures that were taken off the listing, in the order of their paths' bytes.
    public let pictures: [String]
    /// The failures that were taken out, likewise.
    public let failures: [String]

    /// Takes out everything at or below each of `paths`, which need not exist any more. A path is first taken with links in
    /// its folder resolved and its own name kept, as listings have it, then with all links resolved, then as it is written;
    /// the first of these that anything matches counts.
    ///
    /// Throws `InputError` naming a path that matches nothing, before anything is changed, and whatever opening a writer throws.
    public init(of paths: [String], from storePath: String) throws {
        let store = try FeatureStore(path: storePath)
        _ = try Self.found(paths, in: store)
        guard let space = try store.spaces().first?.space else {
            throw InputError(storePath, "lists pictures and has no feature space", remedy: "Run finetuner-cache build.")
        }
        var writer = try FeatureStoreWriter(path: storePath, space: space)
        // Again, now that nobody else can write: opening may have brought back what an interrupted build left.
        (pictures, failures) = try Self.found(paths, in: store)
        try writer.remove(paths: Set((pictures + failures).map(ExactText.init)).map(\.text).sorted())
        try writer.finish()
    }

    private static func found(
        _ paths: [String], in store: FeatureStore
    ) throws -> (pictures: [String], failures: [String]) {
        let listed = try store.listedPaths()
        let all = listed.pictures + listed.failures
        var places: [String] = []
        for path in paths {
            let candidates = spellings(of: path)
            let place = candidates.first { place in all.contains { isAtOrBelow($0, place) } }
            guard let place else {
                throw InputError(
                    path, "is not in the listing of \(store.path), nor is anything below \(candidates[0])",
                    remedy: "Nothing was changed. `finetuner-cache export` writes a table of what is listed.")
            }
            places.append(place)
        }
        func matched(_ all: [String]) -> [String] {
            all.filter { path in places.contains { isAtOrBelow(path, $0) } }
        }
        return (matched(listed.pictures), matched(listed.failures))
    }

    /// Whether `path` is `place`, or lies below it; compared byte by byte.
    private static func isAtOrBelow(_ path: String, _ place: String) -> Bool {
        guard path.utf8.starts(with: place.utf8) else { return false }
        return place == "/" || path.utf8.count == place.utf8.count
            || path.utf8.dropFirst(place.utf8.count).first == UInt8(ascii: "/")
    }

    /// The absolute paths that `path` can mean.
    private static func spellings(of path: String) -> [String] {
        let written = normalized(path.hasPrefix("/") ? path : FileManager.default.currentDirectoryPath + "/" + path)
        let cut = written.utf8.lastIndex(of: UInt8(ascii: "/")) ?? written.startIndex
        let folder = resolved(String(written[..<cut]))
        let name = String(written[cut...])
        let inResolvedFolder = written == "/" ? "/" : (folder == "/" ? "" : folder) + name
        return [inResolvedFolder, resolved(written), written]
    }

    /// `path` with the links in the part of it that exists resolved.
    private static func resolved(_ path: String) -> String {
        var (existing, rest) = (path, "")
        while !existing.isEmpty {
            if let real = realpath(existing, nil) {
                defer { free(real) }
                let folder = String(cString: real)
                return (folder == "/" && !rest.isEmpty ? "" : folder) + rest
            }
            let cut = existing.utf8.lastIndex(of: UInt8(ascii: "/")) ?? existing.startIndex
            (existing, rest) = (String(existing[..<cut]), String(existing[cut...]) + rest)
        }
        return rest.isEmpty ? "/" : rest
    }

    /// An absolute path without empty parts, `.` and `..`; the text of its parts is kept byte by byte.
    private static func normalized(_ path: String) -> String {
        var parts: [Substring] = []
        for part in path.split(separator: "/") where part != "." {
            if part == ".." { _ = parts.popLast() } else { parts.append(part) }
        }
        return "/" + parts.joined(separator: "/")
    }
}
