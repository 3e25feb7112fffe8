import Testing

@testable import Pipeline

@Suite("HeldOutSample")
struct HeldOutSampleTests {
    /// 900 rows of classes with 300, 200, 100 and many times 2 pictures, every third row of a dataset.
    private let labels =
        [Int](repeating: 0, count: 300) + [Int](repeating: 1, count: 200) + [Int](repeating: 2, count: 100)
        + (0..<300).map { 3 + $0 / 2 }
    private let rows = (0..<900).map { 3 * $0 + 1 }

    private func sample(_ bytes: Int, seed: UInt64 = 1) -> [Int] {
        HeldOutSample(rows, labels: labels, dimension: 64, budget: MemoryBudget(bytes: bytes), seed: seed).rows
    }

    /// What judging rows of the dataset takes.
    private func bytes(_ rows: [Int]) -> Int {
        let sizes = Dictionary(grouping: rows) { labels[$0 / 3] }.values.map(\.count)
        return rows.count * (16 * 64 + 1024) + 8 * sizes.reduce(0) { $0 + $1 * $1 }
    }

    @Test("All rows where they fit, to the byte")
    func all() {
        let enough = bytes(rows)
        #expect(sample(enough) == rows)
        #expect(sample(enough - 1).count < 900)
    }

    @Test("Else a part that fits, in order, with a partner for each", arguments: [50_000, 200_000, 1_000_000])
    func part(budget: Int) {
        let part = sample(budget)
        #expect(bytes(part) <= budget && bytes(part) > budget / 2)
        #expect(part == part.sorted() && Set(part).isSubset(of: rows) && Set(part).count == part.count)
        #expect(Dictionary(grouping: part) { labels[$0 / 3] }.values.allSatisfy { $0.count >= 2 })
    }

    @Test("The seed alone decides")
    func seed() {
        #expect(sample(200_000) == sample(200_000))
        #expect(sample(200_000) != sample(200_000, seed: 2))
    }

    @Test("Nothing of nothing")
    func none() {
        #expect(HeldOutSample([], labels: [], dimension: 8, budget: MemoryBudget(bytes: 1), seed: 0).rows.isEmpty)
    }
}
