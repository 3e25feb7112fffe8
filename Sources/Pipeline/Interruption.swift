import Synchronization

/// A request to stop that a signal handler makes and long work looks at between steps.
public final class Interruption: Sendable {
    private let flag = Atomic(false)

    /// No request yet.
    public init() {}

    /// Asks the work to stop after its current step.
    public func request() { flag.store(true, ordering: .relaxed) }

    /// Whether somebody asked.
    public var isRequested: Bool { flag.load(ordering: .relaxed) }
}
