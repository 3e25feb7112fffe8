import Foundation

/// A queue between threads that holds at most `capacity` in elements' cost, so that memory stays flat however far the
/// producer could run ahead. An element that costs more than that comes in where there is no other.
final class BoundedQueue<Element: Sendable>: @unchecked Sendable {
    // Everything below is touched only while `condition` is locked.
    private let condition = NSCondition()
    private var elements: [(element: Element, cost: Int)] = []
    private var cost = 0
    private var isClosed = false
    private let capacity: Int

    init(capacity: Int) {
        precondition(capacity > 0, "a queue of capacity \(capacity)")
        self.capacity = capacity
    }

    /// Adds an element, waiting for room. False where the queue was closed, by either side.
    func push(_ element: Element, cost: Int = 1) -> Bool {
        condition.withLock {
            while !isClosed, !elements.isEmpty, self.cost + cost > capacity { condition.wait() }
            guard !isClosed else { return false }
            elements.append((element, cost))
            self.cost += cost
            condition.broadcast()
            return true
        }
    }

    /// Takes the oldest element, waiting for one; nil where the queue is closed and empty.
    func pop() -> Element? {
        condition.withLock {
            while elements.isEmpty && !isClosed { condition.wait() }
            return removeFirst()
        }
    }

    /// Takes the oldest element; nil where there is none at this moment.
    func popIfAny() -> Element? { condition.withLock { removeFirst() } }

    private func removeFirst() -> Element? {
        guard !elements.isEmpty else { return nil }
        let (element, cost) = elements.removeFirst()
        self.cost -= cost
        condition.broadcast()
        return element
    }

    /// Lets nothing more in. Elements that are inside can still be taken.
    func close() {
        condition.withLock {
            isClosed = true
            condition.broadcast()
        }
    }

    /// Lets nothing more in and drops what is inside.
    func abandon() {
        condition.withLock {
            elements.removeAll()
            cost = 0
            isClosed = true
            condition.broadcast()
        }
    }
}
