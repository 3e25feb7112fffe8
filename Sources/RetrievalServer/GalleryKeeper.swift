import FeatureStorage
import Foundation
import Synchronization
import Tensors

/// Keeps the gallery up to date while the store is written to.
final class GalleryKeeper: Sendable {
    private let path: String
    private let spaceName: String?
    private let state = Mutex(State())

    private struct State {
        var gallery: Gallery?
        var version = Version()
        var looked = ContinuousClock.now
        /// How long the last one took to read, in seconds.
        var seconds = 0.0
        /// Earlier ones that requests may still use. A database must not be closed by whichever thread lets go last.
        var retired: [Gallery] = []
    }

    /// What changes with every commit and every head.
    private struct Version: Equatable {
        var index: [Int64] = []
        var heads: [Int64] = []
    }

    /// A keeper of the store at `path`, of the space of that name, or of its only one. Throws `InputError` where it cannot be read.
    init(path: String, space: String?) throws {
        (self.path, spaceName) = (path, space)
        _ = try gallery()
    }

    /// The gallery as the store is now, or was a moment ago: while it is written to, reading it is not what the server does most.
    func gallery() throws -> Gallery {
        try state.withLock { state in
            let now = ContinuousClock.now
            let pause = max(1, 10 * state.seconds)
            if let gallery = state.gallery, (now - state.looked).seconds < pause { return gallery }
            state.looked = now
            let version = Version(
                index: Self.status("\(path)/index.sqlite"),
                heads: Self.status(FeatureStore.headsFolder(ofStoreAt: path)))
            if let gallery = state.gallery, version == state.version { return gallery }
            let store = try FeatureStore(path: path)
            let gallery = try Gallery(store: store, space: try Self.space(of: store, named: spaceName))
            if let old = state.gallery { state.retired.append(old) }
            (state.gallery, state.version) = (gallery, version)
            state.seconds = (ContinuousClock.now - now).seconds
            state.retired = Self.used(state.retired)
            return gallery
        }
    }

    /// Those that a request still uses; the others go here.
    private static func used(_ galleries: [Gallery]) -> [Gallery] {
        var kept: [Gallery] = []
        var galleries = galleries
        while var last = galleries.popLast() {
            if !isKnownUniquelyReferenced(&last) { kept.append(last) }
        }
        return kept
    }

    private static func space(of store: FeatureStore, named name: String?) throws -> FeatureSpace {
        let spaces = try store.spaces().map(\.space).filter { $0.fields["view"] == nil }
        let fitting =
            name.map { name in spaces.filter { $0.name == name || $0.fingerprint.hex.hasPrefix(name) } } ?? spaces
        guard fitting.count == 1 else {
            let known = spaces.map { "\($0.fingerprint.short) (\($0.name))" }.joined(separator: ", ")
            throw InputError(
                store.path, "has \(fitting.count) spaces that fit", remedy: "Choose one with --space: \(known).")
        }
        return fitting[0]
    }

    private static func status(_ path: String) -> [Int64] {
        var status = stat()
        guard stat(path, &status) == 0 else { return [] }
        return [Int64(status.st_size), Int64(status.st_mtim.tv_sec), Int64(status.st_mtim.tv_nsec)]
    }
}
