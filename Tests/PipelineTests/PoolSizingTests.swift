import Tensors
import Testing

@testable import Pipeline

@Suite("PoolSizing")
struct PoolSizingTests {
    /// 1,000 chunks of 200 training rows and more, 100 values each; 256,000 rows in all.
    private let sizing = PoolSizing(
        trainingRows: (0..<1000).map { 200 + $0 % 50 }, largestChunk: 256, datasetRows: 256_000, dimension: 100)

    @Test("What fits stays in memory, one byte less does not")
    func resident() throws {
        let bytes = 40 * 256_000 + sizing.residentBytes + sizing.scratchBytes
        #expect(try sizing.residence(within: MemoryBudget(bytes: bytes)) == .memory(bytes: sizing.residentBytes))
        #expect(try sizing.residence(within: MemoryBudget(bytes: bytes - 1)).chunksPerPool != nil)
    }

    @Test("Two pools, the tables and the scratch stay within the budget, and one chunk more would not")
    func pools() throws {
        for bytes in [30 << 20, 50 << 20, 70 << 20] {
            guard case .pools(let chunks, let pool) = try sizing.residence(within: MemoryBudget(bytes: bytes)) else {
                Issue.record("\(bytes) bytes hold everything")
                continue
            }
            let room = bytes - 40 * 256_000 - max(bytes / 8, 3 * 256 * 400)
            // The 20 longest chunks have 249 rows each, the next 20 have 248, and so on.
            #expect(pool == (0..<chunks).reduce(0) { $0 + (249 - $1 / 20) * 400 })
            #expect(2 * pool <= room && 2 * (pool + 249 * 400) > room)
            #expect(chunks >= 16)
        }
    }

    @Test("The smallest workable budget is named, works, and nothing less does")
    func smallest() throws {
        let smallest = sizing.smallestBudget
        #expect(try sizing.residence(within: MemoryBudget(bytes: smallest)).chunksPerPool == 16)
        let error = #expect(throws: InputError.self) {
            try sizing.residence(within: MemoryBudget(bytes: smallest - 1))
        }
        let named = try #require(error?.remedy.split(separator: " ").first { $0.hasSuffix("M") })
        let budget = try MemoryBudget(String(named))
        #expect(budget.bytes >= smallest && budget.bytes < smallest + 1 << 20)
    }

    @Test("A store of few chunks needs room for everything")
    func fewChunks() throws {
        let few = PoolSizing(trainingRows: [10, 10], largestChunk: 12, datasetRows: 24, dimension: 4)
        #expect(few.smallestBudget == 40 * 24 + 20 * 16 + 3 * 12 * 16)
        #expect(throws: InputError.self) { try few.residence(within: MemoryBudget(bytes: few.smallestBudget - 1)) }
    }

    @Test("As many threads as have scratch memory, at least one")
    func threads() throws {
        let budget = MemoryBudget(bytes: 30 << 20)
        let residence = try sizing.residence(within: budget)
        #expect(sizing.threads(residence, within: budget, cores: 2) == 2)
        #expect(sizing.threads(residence, within: budget, cores: 1000) == (30 << 20) / 8 / sizing.scratchBytes)
        let all = MemoryBudget(bytes: 40 * 256_000 + sizing.residentBytes + sizing.scratchBytes)
        #expect(sizing.threads(.memory(bytes: sizing.residentBytes), within: all, cores: 64) == 1)
    }
}
