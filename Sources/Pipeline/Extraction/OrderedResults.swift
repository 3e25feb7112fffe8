import Foundation

/// Brings what several threads find out about numbered items into the order of the numbers, for one thread that takes it.
///
/// No thread may run more than `window` items ahead of the one who takes, so that what waits here stays small. Whoever puts
/// must put its own items in their order, and take no item before those with lower numbers are taken: then the next item
/// is always on its way.
final class OrderedResults<Element: Sendable>: @unchecked Sendable {
    // Everything below is touched only while `condition` is locked.
    private let condition = NSCondition()
    private var waiting: [Int: Element] = [:]
    private var next = 0
    private var failure: (any Error)?
    private var isStopped = false
    private let count: Int
    private let window: Int

    /// For the items `0..<count`.
    init(count: Int, window: Int) {
        precondition(window > 0, "a window of \(window) items")
        (self.count, self.window) = (count, window)
    }

    /// Puts what became of the item `index`, waiting until it is near the next one. False where nothing is taken any more.
    func put(_ element: Element, at index: Int) -> Bool {
        condition.withLock {
            while index >= next + window && !isStopped { condition.wait() }
            guard !isStopped else { return false }
            precondition(waiting.updateValue(element, forKey: index) == nil, "item \(index) was put twice")
            if index == next { condition.broadcast() }
            return true
        }
    }

    /// Ends the work with an error, which `take(atMost:)` throws after what came before it.
    func fail(_ error: any Error) {
        condition.withLock {
            failure = failure ?? error
            condition.broadcast()
        }
    }

    /// The items that are next, from one to `most`, waiting for the first; nil after the last. Throws what the work failed
    /// with.
    func take(atMost most: Int) throws -> [Element]? {
        try condition.withLock {
            while next < count, waiting[next] == nil, failure == nil, !isStopped { condition.wait() }
            var taken: [Element] = []
            while taken.count < most, let element = waiting.removeValue(forKey: next) {
                taken.append(element)
                next += 1
            }
            condition.broadcast()
            guard taken.isEmpty else { return taken }
            if let failure { throw failure }
            return nil
        }
    }

    /// Nothing is taken any more: whoever waits to put goes on without.
    func stop() {
        condition.withLock {
            isStopped = true
            condition.broadcast()
        }
    }
}
