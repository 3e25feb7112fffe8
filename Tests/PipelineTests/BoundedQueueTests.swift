import Foundation
import Tensors
import Testing

@testable import Pipeline

@Suite("BoundedQueue")
struct BoundedQueueTests {
    @Test("Elements come out in the order in which they went in")
    func order() {
        let queue = BoundedQueue<Int>(capacity: 2)
        WorkThread.start("pusher") {
            for number in 0..<500 { #expect(queue.push(number)) }
            queue.close()
        }
        var received: [Int] = []
        while let number = queue.pop() { received.append(number) }
        #expect(received == Array(0..<500))
    }

    @Test("A full queue holds its producer until there is room")
    func capacity() {
        let queue = BoundedQueue<Int>(capacity: 2)
        let third = DispatchSemaphore(value: 0)
        WorkThread.start("pusher") {
            for number in 0..<3 { _ = queue.push(number) }
            third.signal()
        }
        #expect(third.wait(timeout: .now() + 0.1) == .timedOut)
        #expect(queue.pop() == 0)
        #expect(third.wait(timeout: .now() + 300) == .success)
    }

    @Test("Closing wakes both sides and keeps what is inside")
    func close() {
        let queue = BoundedQueue<Int>(capacity: 1)
        #expect(queue.push(1))
        WorkThread.start("pusher") {
            Thread.sleep(forTimeInterval: 0.05)
            queue.close()
        }
        #expect(!queue.push(2))
        #expect(queue.pop() == 1)
        #expect(queue.pop() == nil)
    }

    @Test("The capacity counts what elements cost; one that costs more comes in alone")
    func cost() {
        let queue = BoundedQueue<Int>(capacity: 10)
        #expect(queue.push(1, cost: 100))
        let second = DispatchSemaphore(value: 0)
        WorkThread.start("pusher") {
            _ = queue.push(2, cost: 6)
            _ = queue.push(3, cost: 4)
            second.signal()
        }
        #expect(second.wait(timeout: .now() + 0.1) == .timedOut)
        #expect(queue.pop() == 1)
        #expect(second.wait(timeout: .now() + 300) == .success)
        #expect(queue.popIfAny() == 2)
        #expect(queue.popIfAny() == 3)
        #expect(queue.popIfAny() == nil)
    }

    @Test("An abandoned queue is empty and takes nothing")
    func abandon() {
        let queue = BoundedQueue<Int>(capacity: 2)
        #expect(queue.push(1))
        queue.abandon()
        #expect(queue.pop() == nil)
        #expect(!queue.push(2))
    }
}
