import FeatureStorage
import Tensors

/// What is said where a store lies on a file system of the network.
enum NetworkWarning {
    /// The warning for a store on a file system of that kind.
    ///
    /// A writer needs `flock` to keep other writers away, SQLite's POSIX locks to keep readers away from the pages that it
    /// changes, and `fdatasync` to put features on the disk before the index names them. A reader needs the POSIX locks, and
    /// only while somebody writes: without them it may read pages of two states, and may take a commit that is going on for
    /// one that was left, and undo it (sqlite.org/howtocorrupt.html, section 2.1). No reader can damage a segment: nothing
    /// but the writer changes them, and the index can be made again from them.
    static func text(store: String, _ kind: FileSystemKind, writing: Bool) -> String {
        let name = kind.name ?? "a network file system"
        let place =
            kind.reach == .unknown
            ? "on \(name), which may be a network file system" : "on a network file system, \(name)"
        let fact =
            writing
            ? """
            locks and flushing may not be reliable there, so that a second writer may not be noticed and features that were \
            reported as kept may be lost in a power cut
            """
            : """
            locks may not be reliable there. Reading is safe as long as nobody writes to the store meanwhile; else a read \
            may fail, or damage the index
            """
        let remedy =
            writing
            ? "Build in a folder on a local disk with --store, and copy the finished store."
            : "For reading beside a writer, copy the store to a local disk."
        return "\(store): is \(place): \(fact). \(remedy)"
    }
}

extension StoreOptions {
    /// Warns on stderr where the store lies on a file system of the network, or would.
    func warnOfNetwork(writing: Bool) { Self.warnOfNetwork(path, writing: writing) }

    /// The same for a store at `path`.
    static func warnOfNetwork(_ path: String, writing: Bool) {
        guard let kind = FeatureStore.networkFileSystem(ofStoreAt: path) else { return }
        Console.warning(NetworkWarning.text(store: path, kind, writing: writing))
    }
}
