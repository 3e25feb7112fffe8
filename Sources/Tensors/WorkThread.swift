import CLinux
import Foundation

/// Threads that let go of their work before they end.
///
/// Foundation's `Thread` keeps its block until the thread's storage is torn down, which is after Dispatch's part of that storage is.
/// Where the block holds the last reference to a queue with specific data, as databases of GRDB have, the queue's end takes memory
/// that Dispatch has already freed (Swift 6.3 on Linux).
package enum WorkThread {
    /// Starts a thread with `name`, which debuggers show, that does `work` and ends. Its stack has room for the deepest networks.
    package static func start(_ name: String, _ work: @escaping @Sendable () -> Void) {
        let parcel = TakenOnce(work)
        let thread = Thread {
            // Foundation drops a name that is given before whoever started the thread has noted which one it is.
            ftc_name_thread(name)
            parcel.take()()
        }
        thread.stackSize = 8 << 20
        thread.start()
    }
}

/// A closure that is taken out once, by the thread that calls it, so that what it captured does not live as long as who holds this.
package final class TakenOnce<Closure>: @unchecked Sendable {
    private var closure: Closure?

    /// Holds a closure until it is taken.
    package init(_ closure: Closure) { self.closure = closure }

    /// The closure, which is held no more. Traps the second time.
    package func take() -> Closure {
        defer { closure = nil }
        guard let closure else { preconditionFailure("a closure is taken once") }
        return closure
    }
}
