import Foundation
import Synchronization
import Tensors
import Testing

@testable import Pipeline

@Suite("OrderedResults")
struct OrderedResultsTests {
    @Test("What several threads put in any order comes out in the items' order, each once")
    func order() throws {
        let results = OrderedResults<Int>(count: 2000, window: 16)
        let next = Mutex(0)
        for thread in 0..<4 {
            WorkThread.start("pusher") {
                var generator = SeededGenerator(seed: UInt64(thread))
                while true {
                    let index = next.withLock { number in
                        defer { number += 1 }
                        return number
                    }
                    guard index < 2000 else { return }
                    if generator.index(below: 50) == 0 { Thread.sleep(forTimeInterval: 0.001) }
                    guard results.put(index, at: index) else { return }
                }
            }
        }
        var taken: [Int] = []
        while let some = try results.take(atMost: 10) { taken += some }
        #expect(taken == Array(0..<2000))
    }

    @Test("Nobody runs farther ahead than the window")
    func window() throws {
        let results = OrderedResults<Int>(count: 10, window: 3)
        let through = DispatchSemaphore(value: 0)
        WorkThread.start("pusher") {
            for index in 1..<4 { _ = results.put(index, at: index) }
            through.signal()
        }
        #expect(through.wait(timeout: .now() + 0.1) == .timedOut)
        #expect(results.put(0, at: 0))
        var taken: [Int] = []
        while taken.count < 4 { taken += try #require(try results.take(atMost: 10)) }
        #expect(through.wait(timeout: .now() + 300) == .success)
        #expect(taken == [0, 1, 2, 3])
    }

    @Test("An error comes after what was put before it")
    func failure() throws {
        let results = OrderedResults<Int>(count: 3, window: 3)
        #expect(results.put(0, at: 0))
        results.fail(InputError("disk", "is full"))
        #expect(try results.take(atMost: 10) == [0])
        #expect(throws: InputError.self) { try results.take(atMost: 10) }
    }

    @Test("After a stop those who wait go on without, and nothing is taken")
    func stop() throws {
        let results = OrderedResults<Int>(count: 3, window: 1)
        let answers = Mutex<[Bool]>([])
        let through = DispatchSemaphore(value: 0)
        WorkThread.start("pusher") {
            let answer = results.put(2, at: 2)
            answers.withLock { $0.append(answer) }
            through.signal()
        }
        #expect(through.wait(timeout: .now() + 0.05) == .timedOut)
        results.stop()
        #expect(through.wait(timeout: .now() + 300) == .success)
        #expect(answers.withLock { $0 } == [false])
        #expect(try results.take(atMost: 10) == nil)
    }
}
