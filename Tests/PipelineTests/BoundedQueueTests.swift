import Foundation
import Testing

@testable import Pipeline

@Suite("BoundedQueue")
struct BoundedQueueTests {
    @Test("Elements come out in the order in which they went in")
    func order() {
        let queue = BoundedQueue<Int>(capacity: 2)
        Thread {
            for number in 0..<500 { #expect(queue.push(number)) }
            queue.close()
        }.start()
        var received: [Int] = []
        while let number = queue.pop() { received.append(number) }
        #expect(received == Array(0..<500))
    }

    @Test("A full queue holds its producer until there is room")
    func capacity() {
        let queue = BoundedQueue<Int>(capacity: 2)
        let third = DispatchSemaphore(value: 0)
        Thread {
            for number in 0..<3 { _ = queue.push(number) }
            third.signal()
        }.start()
        #expect(third.wait(timeout: .now() + 0.1) == .timedOut)
        #expect(queue.pop() == 0)
        #expect(third.wait(timeout: .now() + 10) == .success)
    }

    @Test("Closing wakes both sides and keeps what is inside")
    func close() {
        let queue = BoundedQueue<Int>(capacity: 1)
        #expect(queue.push(1))
        Thread {
            Thread.sleep(forTimeInterval: 0.05)
            queue.close()
        }.start()
        #expect(!queue.push(2))
        #expect(queue.pop() == 1)
        #expect(queue.pop() == nil)
    }
}
