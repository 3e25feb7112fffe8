import Foundation
import Synchronization
import Testing

@testable import Tensors

@Suite("Parallel ranges")
struct ParallelTests {
    @Test("cover every index once", arguments: [0, 1, 7, 8, 9, 1000])
    func coverage(count: Int) {
        var visits = [Int](repeating: 0, count: count)
        visits.withUnsafeMutableBufferPointer { visits in
            Parallel.forEachRange(of: count, length: 8) { range in
                for index in range { visits[index] += 1 }
            }
        }
        #expect(visits.allSatisfy { $0 == 1 })
    }

    @Test("run in turn on their thread while as many works as processors are under way")
    func crowd() throws {
        let processors = AvailableProcessors.count
        let threads = Mutex<Set<pthread_t>>([])
        func work(_ others: Int) {
            guard others == 0 else { return Parallel.amongOthers { work(others - 1) } }
            var next = 0
            withUnsafeMutablePointer(to: &next) { next in
                // Ranges in their order: at the same time they would come in another one sooner or later.
                nonisolated(unsafe) let next = next
                Parallel.forEachRange(of: 1000, length: 3) { range in
                    threads.withLock { _ = $0.insert(pthread_self()) }
                    #expect(range.lowerBound == next.pointee)
                    next.pointee = range.upperBound
                }
            }
            #expect(next == 1000)
        }
        work(processors)
        #expect(threads.withLock { $0 } == [pthread_self()])
        try #require(throws: CancellationError.self) { try Parallel.amongOthers { throw CancellationError() } }
    }
}
