import Tensors
import Testing

@testable import Pipeline

@Suite("ChunkGroups")
struct ChunkGroupsTests {
    @Test("The same groups as a dictionary gives")
    func groups() {
        var generator = SeededGenerator(seed: 4)
        let chunks = (0..<300).map { _ in Int32(generator.index(below: 20) / 2 * 2) }
        let groups = ChunkGroups(chunks, chunkCount: 21)
        #expect(groups.chunkCount == 21)
        for chunk in 0..<21 {
            let expected = chunks.indices.filter { chunks[$0] == Int32(chunk) }.map { Int32($0) }
            #expect(Array(groups[chunk]) == expected)
        }
    }

    @Test("Nothing at all")
    func empty() {
        #expect(ChunkGroups([], chunkCount: 0).chunkCount == 0)
        #expect(ChunkGroups([], chunkCount: 2)[1].isEmpty)
    }
}
