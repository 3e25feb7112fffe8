import FeatureStorage
import Foundation
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("A search in a graph")
struct GraphSearchTests {
    private func source(_ sample: SampleStore) -> EmbeddingSource { EmbeddingSource(space: sample.space, head: .none) }

    private func build(_ sample: SampleStore, isAnew: Bool = false) throws -> GraphIndexing.Report {
        let report = try GraphIndexing(source(sample), in: sample.open()).build(
            GraphParameters(links: 8, constructionEffort: 60), isAnew: isAnew, interruption: Interruption())
        return try #require(report)
    }

    private func search(_ sample: SampleStore, _ index: IndexChoice, _ filter: PictureFilter = PictureFilter()) throws
        -> [[FoundPicture]]
    {
        let search = try PictureSearch(store: sample.open(), source: source(sample), index: index, effort: 1000)
        let rows = [0, 5, 17]
        let queries = QueryPictures(
            names: rows.map(String.init), contents: try search.chunks.contents(ofRows: rows),
            features: try search.chunks.features(ofRows: rows))
        return try search.search(queries, k: 9, filter: filter)
    }

    @Test("finds what an exact search finds, newer pictures and filters included, and nothing that is gone")
    func equal() throws {
        let sample = try SampleStore(perClass: 120, chunkRows: 32)
        let first = try build(sample)
        #expect(first.contents == 480 && first.added == 480 && first.isNew)
        var cats = PictureFilter()
        cats.labels = ["c1", "c2"]
        #expect(try search(sample, .hnsw) == search(sample, .exact))
        #expect(try search(sample, .hnsw, cats) == search(sample, .exact, cats))
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        for number in 0..<30 {
            let old = try sample.open().chunks(in: sample.space).features(ofRows: [number])
            let feature = old.elements.map { $0 * 1.01 + 0.003 }
            try writer.append(feature: feature[...], of: SampleStore.entry("p/new/\(number).jpg", "c1"))
        }
        try writer.remove(paths: (0..<480).filter { $0 % 5 == 0 }.map { "/p/c\($0 % 4)/\($0).jpg" })
        try writer.finish()
        for _ in 0..<2 {
            #expect(try search(sample, .hnsw) == search(sample, .exact))
            #expect(try search(sample, .hnsw, cats) == search(sample, .exact, cats))
            #expect(try search(sample, .hnsw).joined().contains { $0.path.contains("/new/") })
            _ = try GarbageCollection(path: sample.folder.path("s.fcstore"), threshold: 0).run()
            _ = try StoreEmbeddings(source(sample), in: sample.open())
        }
        let more = try build(sample)
        #expect(!more.isNew && more.added > 0)
        #expect(try search(sample, .hnsw) == search(sample, .exact))
        #expect(try build(sample).added == 0)
    }

    @Test("is checked against an exact one")
    func check() throws {
        let sample = try SampleStore(perClass: 120, chunkRows: 32)
        let indexing = GraphIndexing(source(sample), in: try sample.open())
        let missing = #expect(throws: InputError.self) { try indexing.check(sample: 10, k: 5, effort: 10) }
        #expect(missing?.remedy.contains("index build") == true)
        _ = try build(sample)
        let all = try indexing.check(sample: 100, k: 5, effort: 480)
        #expect(all.recall == 1 && all.queries == 100 && all.contents == 480 && all.uncovered == 0)
        #expect(try indexing.check(sample: 1000, k: 5, effort: 6).queries == 480)
    }

    @Test("is refused where it was asked for and there is none, and not missed where it was not")
    func absent() throws {
        let sample = try SampleStore(perClass: 30)
        #expect(throws: InputError.self) { try search(sample, .hnsw) }
        #expect(try search(sample, .auto) == search(sample, .exact))
        _ = try build(sample)
        let graph = try #require(
            FileManager.default.subpaths(atPath: sample.folder.path("s.fcstore"))?.first { $0.hasSuffix(".hnsw") })
        try Data("broken".utf8).write(to: URL(fileURLWithPath: sample.folder.path("s.fcstore/\(graph)")))
        let damaged = #expect(throws: InputError.self) { try search(sample, .hnsw) }
        #expect(damaged?.fact.contains("damaged") == true)
        #expect(try build(sample).isNew)
        #expect(try search(sample, .hnsw) == search(sample, .exact))
    }
}
