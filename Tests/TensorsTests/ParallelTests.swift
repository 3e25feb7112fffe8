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
}
