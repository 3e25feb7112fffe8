import Foundation

/// A queue between one producing and one consuming thread that holds at most `capacity` elements, so that memory stays flat
/// however far the producer could run ahead.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    // Everything below is touched only while `condition` is locked.
    private let condition = NSCondition()
    private var elements: [Element] = []
    private var isClosed = false
    private let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0, "a queue of capacity \(capacity)")
        self.capacity = capacity
    }

    /// Adds an element, waiting for room. False where the queue was closed, by either side.
    func push(_ element: Element) -> Bool {
        condition.withLock {
            while elements.count >= capacity && !isClosed { condition.wait() }
            guard !isClosed else { return false }
            elements.append(element)
            condition.broadcast()
            return true
        }
    }

    /// Takes the oldest element, waiting for one; nil where the queue is closed and empty.
    func pop() -> Element? {
        condition.withLock {
            while elements.isEmpty && !isClosed { condition.wait() }
            guard !elements.isEmpty else { return nil }
            defer { condition.broadcast() }
            return elements.removeFirst()
        }
    }

    /// Lets nothing more in. Elements that are inside can still be taken.
    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }
}
