import Foundation

/// Threads that let go of their work before they end.
///
/// Foundation's `Thread` keeps its block until the thread's storage is torn down, which is after Dispatch's part of that storage is.
/// Where the block holds the last reference to a queue with specific data, as databases of GRDB have, the queue's end takes memory
/// that Dispatch has already freed (Swift 6.3 on Linux).
package enum WorkThread {
    /// Starts a thread with `name`, which debuggers show, that does `work` and ends. Its stack has room for the deepest networks.
    package static func start(_ name: String, _ work: @escaping @Sendable () -> Void) {
        let parcel = Parcel(work)
        let thread = Thread {
            // A name that is given before the thread runs does not come through.
            Thread.current.name = name
            parcel.open()()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }

    /// Work that is taken out once, by the thread that does it.
    private final class Parcel: @unchecked Sendable {
        private var work: (@Sendable () -> Void)?

        init(_ work: @escaping @Sendable () -> Void) { self.work = work }

        func open() -> @Sendable () -> Void {
            guard let work = work.take() else { preconditionFailure("a thread begins once") }
            return work
        }
    }
}
