public import FeatureStorage
import Foundation
import Tensors

/// That one process trains the head of a name in a store, for as long as this lives: `runs/.NAME.lock`, which stays.
public final class RunLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock; nil where another process has it. Throws `InputError` where there can be none. Where the file system knows no
    /// locks, nobody is kept out.
    public init?(_ name: String, in store: FeatureStore) throws {
        try RunFolder.make(store.runsFolder)
        let path = "\(store.runsFolder)/.\(name).lock"
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw AtomicFile.failure(path, "cannot be opened") }
        if flock(descriptor, LOCK_EX | LOCK_NB) != 0, errno == EWOULDBLOCK { return nil }
    }

    deinit { close(descriptor) }
}
