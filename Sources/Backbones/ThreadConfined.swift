import Dispatch
import Foundation
import Tensors

/// A value that is made, used and destroyed on one thread of its own.
///
/// libgomp gives every thread that enters a parallel region its own team, and oneDNN keeps scratch memory per thread:
/// both want one long-lived caller. The thread ends when the last reference goes.
final class ThreadConfined<Value>: Sendable {
    private let mailbox: Mailbox<Value>
    private let ended = DispatchSemaphore(value: 0)

    /// Starts the thread and makes the value there; throws what `make` throws.
    init(name: String, _ make: @escaping @Sendable () throws -> Value) throws {
        let started = Reply<Result<Void, any Error>>()
        // What it captured, a network's weights, would live as long as the thread.
        let recipe = TakenOnce(make)
        mailbox = Mailbox()
        WorkThread.start(name) { [mailbox, ended] in
            defer { ended.signal() }
            do {
                let value = try recipe.take()()
                started.send(.success(()))
                while let job = mailbox.next() { job(value) }
            } catch {
                started.send(.failure(error))
            }
        }
        try started.receive().get()
    }

    deinit {
        mailbox.close()
        ended.wait()
    }

    /// Runs `body` with the value on its thread and waits for it. Calls are served in the order in which they come.
    func withValue<Outcome, Failure: Error>(
        _ body: @escaping (Value) throws(Failure) -> Outcome
    ) throws(Failure) -> Outcome {
        let reply = Reply<Result<Outcome, Failure>>()
        mailbox.post { value in
            reply.send(Result { () throws(Failure) in try body(value) })
        }
        return try reply.receive().get()
    }
}

/// The jobs that wait for the thread.
private final class Mailbox<Value>: @unchecked Sendable {
    private let condition = NSCondition()
    private var jobs: [(Value) -> Void] = []
    private var isClosed = false

    func post(_ job: @escaping (Value) -> Void) {
        condition.withLock { jobs.append(job) }
        condition.signal()
    }

    func close() {
        condition.withLock { isClosed = true }
        condition.signal()
    }

    /// Waits for the next job; nil once the mailbox is closed.
    func next() -> ((Value) -> Void)? {
        condition.withLock {
            while jobs.isEmpty, !isClosed { condition.wait() }
            return jobs.isEmpty ? nil : jobs.removeFirst()
        }
    }
}

/// What one thread hands to another, once.
private final class Reply<Content>: @unchecked Sendable {
    private let semaphore = DispatchSemaphore(value: 0)
    private var content: Content?

    func send(_ content: Content) {
        self.content = content
        semaphore.signal()
    }

    func receive() -> Content {
        semaphore.wait()
        guard let content else { preconditionFailure("a reply was signaled before it was sent") }
        return content
    }
}
