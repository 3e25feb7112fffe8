import FeatureStorage
import Foundation
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("All pictures searched for")
struct NeighborGraphTests {
    /// 40 pictures, of which p/c1/5.jpg has a copy, and the first class left the listing but for p/c0/0.jpg.
    private func sample() throws -> (sample: SampleStore, search: PictureSearch, store: FeatureStore) {
        let sample = try SampleStore(chunkRows: 7)
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        let content = Fingerprint(of: Array("p/c1/5.jpg".utf8))
        try writer.record(
            PictureEntry(path: "/p/a copy, quoted.jpg", label: "c9", content: content, size: 1, modified: 1, root: "/p")
        )
        try writer.remove(paths: stride(from: 4, to: 40, by: 4).map { "/p/c0/\($0).jpg" })
        try writer.finish()
        let store = try sample.open()
        let source = EmbeddingSource(space: sample.space, head: .none)
        return (sample, try PictureSearch(store: store, source: source), store)
    }

    @Test("give each its nearest among the others, copies too, as single queries do")
    func graph() throws {
        let (sample, search, store) = try sample()
        let graph = try #require(try NeighborGraph(search, in: store, k: 4, interruption: Interruption()))
        #expect(graph.pictures.count == 32 && graph.pictures.map(\.path) == graph.pictures.map(\.path).sorted())
        for (position, picture) in graph.pictures.enumerated() {
            let rows = try search.chunks.rows { $0 == picture.content }
            let query = QueryPictures(
                names: [""], contents: [picture.content], features: try search.chunks.features(ofRows: rows))
            let expected = try search.search(query, k: 6)[0].filter { $0.path != picture.path }.prefix(4)
            let found = graph.neighbors[position * 4..<position * 4 + 4].map { graph.pictures[Int($0)].path }
            #expect(found == expected.map(\.path))
            // Stored vectors are searched for as they are, those of queries are normalized first.
            let scores = graph.scores[position * 4..<position * 4 + 4]
            #expect(zip(scores, expected).allSatisfy { abs($0 - $1.score) < 1e-6 })
        }
        let few = try #require(
            try NeighborGraph(
                search, in: store, k: 4, among: Array(graph.pictures.prefix(3)),
                interruption: Interruption()))
        #expect(few.pictures.map(\.path) == graph.pictures.prefix(3).map(\.path))
        #expect(few.neighbors.filter { $0 < 0 }.count == 6 && few.scores.filter(\.isNaN).count == 6)
        let stop = Interruption()
        stop.request()
        #expect(try NeighborGraph(search, in: store, k: 4, interruption: stop) == nil)
        withExtendedLifetime(sample) {}
    }

    @Test("are written as arrays and as a table")
    func files() throws {
        let (sample, search, store) = try sample()
        let graph = try #require(try NeighborGraph(search, in: store, k: 3, interruption: Interruption()))
        let files = try graph.writeNumPy(to: sample.folder.path("knn.npy"))
        func array(_ path: String) throws -> DenseTensor {
            try NumPyFile.decode(Data(contentsOf: URL(fileURLWithPath: path)))
        }
        #expect(try array(sample.folder.path("knn.npy")).shape == [32, 3])
        #expect(try array(sample.folder.path("knn.npy")).elements == graph.neighbors.map(Float.init))
        #expect(try array(files.scores).elements == graph.scores)
        let table = try String(contentsOfFile: files.table, encoding: .utf8)
        #expect(table.contains("\"/p/a copy, quoted.jpg\",c9,\r\n"))
        try graph.writeTable(to: sample.folder.path("knn.csv"))
        let lines = try String(contentsOfFile: sample.folder.path("knn.csv"), encoding: .utf8)
            .components(separatedBy: "\r\n")
        #expect(lines.count == 98 && lines[0] == "path,neighbor,rank,score")
        #expect(lines[1].hasPrefix("\"/p/a copy, quoted.jpg\",/p/c1/5.jpg,1,"))
    }

    @Test(
        "are grouped where they are near to each other, as comparing all pairs says",
        arguments: [0.98, 0.93, 0.5] as [Float])
    func duplicates(threshold: Float) throws {
        let (sample, search, store) = try sample()
        let found = try #require(
            try DuplicateGroups(search, in: store, threshold: threshold, interruption: Interruption()))
        let listed = try ListedFeatures(store: store, space: sample.space)
        let unit = listed.table.features.rows(at: listed.rows).normalizedRows()
        let scores = unit.multiplied(by: unit, .plain, .transposed)
        var group = Array(0..<unit.rows)
        for _ in group {
            for left in group.indices {
                for right in group.indices where scores[left, right] >= threshold {
                    group[left] = min(group[left], group[right])
                }
            }
        }
        let expected = Dictionary(grouping: group.indices) { group[$0] }.values.filter { $0.count > 1 }
            .map { $0.map { listed.pictures[$0].path } }
        #expect(Set(found.groups.map { $0.map(\.path) }) == Set(expected))
        #expect(found.groups.map(\.count) == found.groups.map(\.count).sorted(by: >))
        for group in found.groups {
            #expect(abs(group[0].score - 1) < 1e-5 && group.allSatisfy { $0.score <= 1.00001 })
        }
        #expect(found.groups.contains { $0.contains { $0.path == "/p/a copy, quoted.jpg" } })
    }
}
