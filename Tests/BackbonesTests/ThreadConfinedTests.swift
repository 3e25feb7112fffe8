import Dispatch
import Foundation
import Synchronization
import Testing

@testable import Backbones

@Suite("A value with a thread of its own")
struct ThreadConfinedTests {
    /// Remembers the threads on which it was made, used and destroyed.
    private final class Witness {
        let log: Log
        private let maker = pthread_self()
        init(_ log: Log) { self.log = log }
        var isHome: Bool { pthread_equal(maker, pthread_self()) != 0 }
        deinit { log.ended(atHome: isHome) }
    }

    private final class Log: Sendable {
        private let endings = Mutex<[Bool]>([])
        func ended(atHome: Bool) { endings.withLock { $0.append(atHome) } }
        var all: [Bool] { endings.withLock { $0 } }
    }

    private struct Refusal: Error, Equatable { let number: Int }

    @Test("it is made, used and destroyed there, and gone when its owner is")
    func lifetime() throws {
        let log = Log()
        do {
            let confined = try ThreadConfined(name: "test") { Witness(log) }
            #expect(confined.withValue { $0.isHome })
            #expect(confined.withValue { _ in pthread_equal(pthread_self(), pthread_self()) } != 0)
            #expect(log.all.isEmpty)
        }
        #expect(log.all == [true])
    }

    @Test("errors come back from making and from using")
    func errors() throws {
        #expect(throws: Refusal(number: 1)) {
            _ = try ThreadConfined(name: "test") { () throws -> Int in throw Refusal(number: 1) }
        }
        let confined = try ThreadConfined(name: "test") { 7 }
        #expect(throws: Refusal(number: 7)) { try confined.withValue { throw Refusal(number: $0) } }
        #expect(confined.withValue { $0 + 1 } == 8)
    }

    @Test("callers from many threads are served one after the other")
    func manyCallers() throws {
        final class Counter { var value = 0 }
        let confined = try ThreadConfined(name: "test") { Counter() }
        DispatchQueue.concurrentPerform(iterations: 200) { _ in
            confined.withValue { counter in
                let before = counter.value
                sched_yield()
                counter.value = before + 1
            }
        }
        #expect(confined.withValue { $0.value } == 200)
    }
}
