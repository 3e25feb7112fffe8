import Tensors
import Testing

@testable import Retrieval

@Suite("Nearest candidates")
struct NearestCandidatesTests {
    @Test("keep what pair scores may put first, and little more")
    func thinning() {
        var generator = SeededGenerator(seed: 3)
        let exact = (0..<5000).map { _ in generator.uniform() }
        var candidates = NearestCandidates(k: 10, tolerance: 0.001)
        for (index, score) in exact.enumerated() {
            let measured = score + generator.uniform(-0.001, 0.001)
            candidates.take(index: index, score: measured)
        }
        let expected = exact.indices.sorted { exact[$0] > exact[$1] }.prefix(10)
        #expect(candidates.nearest { exact[$0] }.map(\.index) == Array(expected))
        #expect(candidates.rows.count < 200)
    }

    @Test("keep all of many ties, and give those with the lowest indices")
    func ties() {
        var candidates = NearestCandidates(k: 3, tolerance: 0.001)
        for index in (0..<1000).reversed() { candidates.take(index: index, score: 1) }
        #expect(candidates.nearest { _ in 1 }.map(\.index) == [0, 1, 2])
    }
}
