import Foundation
import Tensors

/// The one writer's hold on a store: `flock` on the file `LOCK`, which the system lets go of when the process ends,
/// however it ends. The file's text says who holds it.
final class StoreLock: Sendable {
    private let descriptor: Int32

    /// Takes the lock at once or throws `InputError` naming the holder; calls `pause` between attempts while there is one that
    /// has no name.
    convenience init(_ layout: StoreLayout, pause: () -> Void = { usleep(2000) }) throws {
        let descriptor = open(layout.lock, O_RDWR | O_CREAT | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else {
            throw InputError(
                layout.lock, "cannot be opened: \(InputError.systemReason)",
                remedy: "Writing to a store needs the right to write in its folder.")
        }
        try Self.take(descriptor, layout, pause)
        self.init(held: descriptor)
    }

    /// Keeps writers out of a store that is only read. Does so without a lock where the store cannot be written at all.
    convenience init?(reading layout: StoreLayout) throws {
        let descriptor = open(layout.lock, O_RDWR | O_CLOEXEC)
        guard descriptor >= 0 else { return nil }
        try Self.take(descriptor, layout) { usleep(2000) }
        self.init(held: descriptor)
    }

    private init(held descriptor: Int32) { self.descriptor = descriptor }

    /// Locks the file at once, or closes it and throws.
    private static func take(_ descriptor: Int32, _ layout: StoreLayout, _ pause: () -> Void) throws {
        do { try lock(descriptor, layout, pause) } catch {
            close(descriptor)
            throw error
        }
        let note = "process \(getpid()) on \(ProcessInfo.processInfo.hostName) since \(Date.now.formatted(.iso8601))\n"
        // The text only serves the message: the lock is held whether or not it could be written.
        ftruncate(descriptor, 0)
        _ = note.withCString { pwrite(descriptor, $0, strlen($0), 0) }
    }

    /// A holder says who it is a moment after it has taken the lock, and takes that back a moment before it lets go. So where
    /// nobody says anything, the lock is tried again.
    private static func lock(_ descriptor: Int32, _ layout: StoreLayout, _ pause: () -> Void) throws {
        var holder = ""
        for _ in 0..<50 {
            if flock(descriptor, LOCK_EX | LOCK_NB) == 0 { return }
            guard errno == EWOULDBLOCK else {
                throw InputError(layout.lock, "cannot be locked: \(InputError.systemReason)")
            }
            holder = text(descriptor)
            guard holder.isEmpty else { break }
            pause()
        }
        throw InputError(
            layout.path, "is being written by \(holder.isEmpty ? "another process" : holder)",
            remedy: "Wait until that is done, or stop it; reading is possible meanwhile.")
    }

    deinit {
        ftruncate(descriptor, 0)
        // Closing alone would leave the lock to a child process that was forked and has not yet begun its own program.
        flock(descriptor, LOCK_UN)
        close(descriptor)
    }

    /// What the holder wrote of itself.
    private static func text(_ descriptor: Int32) -> String {
        var bytes = [UInt8](repeating: 0, count: 512)
        let count = pread(descriptor, &bytes, bytes.count, 0)
        return String(decoding: bytes.prefix(max(0, count)), as: UTF8.self)
            .trimmingCharacters(in: .whitespacesAndNewlines)
    }
}
