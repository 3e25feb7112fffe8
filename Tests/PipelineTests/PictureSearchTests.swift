import FeatureStorage
import Foundation
import MetricLearning
import Retrieval
import Tensors
import Testing

@testable import Pipeline

@Suite("A search of pictures")
struct PictureSearchTests {
    private static func source(_ sample: SampleStore, _ head: HeadChoice = .none) -> EmbeddingSource {
        EmbeddingSource(space: sample.space, head: head)
    }

    /// The stored pictures at these rows as queries.
    private func queries(_ chunks: StoredChunks, _ rows: [Int]) throws -> QueryPictures {
        QueryPictures(
            names: rows.map { "q\($0)" }, contents: try chunks.contents(ofRows: rows),
            features: try chunks.features(ofRows: rows))
    }

    /// A head of `sample` in its library.
    private func head(_ sample: SampleStore, _ store: FeatureStore, seed: UInt64 = 3) throws -> HeadChoice {
        var settings = HeadTrainer.Settings(outputDimension: 4)
        (settings.epochs, settings.batchSize, settings.seed, settings.head) = (1, 8, seed, .plain)
        settings.keepsTrained = true
        let library = HeadLibrary(store: store)
        let result = try HeadTrainer(settings).train(FeatureDataset(store: store, space: sample.space)) { _ in }
        _ = try library.save(result, name: "h", space: sample.space, settings: settings)
        return .head(try library.load("h", for: sample.space))
    }

    @Test("finds what a full sort of all listed pictures finds", arguments: SearchMetric.allCases)
    func twin(metric: SearchMetric) throws {
        let sample = try SampleStore(chunkRows: 7)
        let store = try sample.open()
        let search = try PictureSearch(store: store, source: Self.source(sample), metric: metric)
        let listed = try ListedFeatures(store: store, space: sample.space)
        let features = listed.table.features.rows(at: listed.rows)
        let asked = try queries(search.chunks, [3, 0, 31])
        let found = try search.search(asked, k: 6)
        for query in 0..<3 {
            func score(_ row: Int) -> Double {
                let (x, y) = (asked.features.row(query).map(Double.init), features.row(row).map(Double.init))
                let dot = zip(x, y).reduce(0) { $0 + $1.0 * $1.1 }
                let (xx, yy) = (x.reduce(0) { $0 + $1 * $1 }, y.reduce(0) { $0 + $1 * $1 })
                return switch metric {
                case .cosine: dot / (xx * yy).squareRoot()
                case .dot: dot
                case .euclidean: -max(xx + yy - 2 * dot, 0).squareRoot()
                }
            }
            let order = features.rows == 0 ? [] : (0..<features.rows).sorted { score($0) > score($1) }.prefix(6)
            #expect(found[query].map(\.path) == order.map { listed.pictures[$0].path })
            #expect(found[query].map(\.rank) == Array(1...6))
            let sign: Double = metric == .euclidean ? -1 : 1
            #expect(zip(found[query], order).allSatisfy { abs(Double($0.score) - sign * score($1)) < 1e-3 })
        }
    }

    @Test("goes on until enough pictures pass the filters, and finds every path of a content")
    func filters() throws {
        let sample = try SampleStore()
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        let content = Fingerprint(of: Array("p/c1/5.jpg".utf8))
        for (path, label) in [("/p/c2/copy.jpg", "c2"), ("/p/a.jpg", nil)] {
            try writer.record(
                PictureEntry(path: path, label: label, content: content, size: 1, modified: 1, root: "/p"))
        }
        // All of class 3 leaves the listing, and stays in the segments.
        let gone = (0..<40).filter { $0 % 4 == 3 }.map { "/p/c3/\($0).jpg" }
        try writer.remove(paths: gone)
        try writer.finish()
        let store = try sample.open()
        let search = try PictureSearch(store: store, source: Self.source(sample))
        let asked = try queries(search.chunks, [5])
        func found(k: Int, _ change: (inout PictureFilter) -> Void) throws -> [FoundPicture] {
            var filter = PictureFilter()
            change(&filter)
            return try search.search(asked, k: k, filter: filter)[0]
        }
        let all = try found(k: 100) { _ in }
        #expect(all.count == 32 && all.allSatisfy { $0.label != "c3" })
        #expect(all.prefix(3).map(\.path) == ["/p/a.jpg", "/p/c1/5.jpg", "/p/c2/copy.jpg"])
        #expect(try found(k: 2) { _ in }.map(\.path) == ["/p/a.jpg", "/p/c1/5.jpg"])
        // Nearest to a picture that left the listing are others that did.
        let lost = try search.search(queries(search.chunks, [3]), k: 5)[0]
        #expect(lost.count == 5 && lost.allSatisfy { $0.label != "c3" })
        let cats = try found(k: 4) { $0.labels = ["c2"] }
        #expect(cats.count == 4 && cats[0].path == "/p/c2/copy.jpg" && cats.allSatisfy { $0.label == "c2" })
        #expect(try found(k: 100) { $0.otherLabels = ["c1", "c2"] }.allSatisfy { $0.label == "c0" || $0.label == nil })
        #expect(try found(k: 100) { $0.labels = ["c3"] }.isEmpty)
        #expect(try found(k: 100) { $0.excludesSelf = true }.count == 29)
        #expect(try found(k: 100) { $0.isUniqueByContent = true }.map(\.id).count == 30)
        let near = try found(k: 100) { $0.worstScore = 0.9 }
        #expect(near == all.filter { $0.score >= 0.9 } && near.count < all.count)
        #expect(
            try found(k: 3) { $0.contents = Set(all.suffix(5).map(\.id)) }.map(\.id)
                == all.suffix(5).prefix(3).map(\.id))
    }

    @Test("puts pictures of equal score in the order of their paths, wherever they were stored")
    func ties() throws {
        let sample = try SampleStore(classes: 1, perClass: 2)
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        let feature = [Float](repeating: 1, count: SampleStore.dimension)
        for number in (10..<40).reversed() {
            try writer.append(feature: feature[...], of: SampleStore.entry("p/same/\(number).jpg", "c0"))
        }
        try writer.finish()
        let search = try PictureSearch(store: try sample.open(), source: Self.source(sample))
        let found = try search.search(queries(search.chunks, [2]), k: 4)[0]
        #expect(found.map(\.path) == (10..<14).map { "/p/same/\($0).jpg" })
    }

    @Test("under a head keeps its embeddings, computes only what is new, and drops those of a head that was replaced")
    func kept() throws {
        let sample = try SampleStore(chunkRows: 8)
        let store = try sample.open()
        let head = try head(sample, store)
        var counts: [Int] = []
        func open(_ head: HeadChoice) throws -> StoreEmbeddings {
            counts = []
            return try StoreEmbeddings(Self.source(sample, head), in: store, progress: { counts.append($0.total) })
        }
        let first = try open(head)
        #expect(counts.last == 40 && first.kept != nil)
        let expected = Self.source(sample, head).embeddings(of: try store.readFeatures(in: sample.space).features)
        let exact = expected.normalizedRows()
        let kept = first.vectors.matrix(0..<40)
        #expect(zip(kept.elements, exact.elements).allSatisfy { abs($0 - $1) < 1e-3 })
        #expect(try open(head).vectors.matrix(0..<40) == kept)
        #expect(counts.isEmpty)
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        for number in 100..<103 {
            try writer.append(
                feature: [Float](repeating: Float(number), count: SampleStore.dimension)[...],
                of: SampleStore.entry("p/c0/\(number).jpg", "c0"))
        }
        try writer.finish()
        let more = try open(head)
        #expect(counts.last == 3 && more.vectors.count == 43)
        #expect(more.vectors.matrix(0..<40) == kept)
        let other = try self.head(sample, store, seed: 9)
        #expect(try open(other).vectors.matrix(0..<40) != kept)
        #expect(counts.last == 43)
    }

    @Test("of raw features keeps nothing until it is told to; of a head from a file nothing either")
    func notKept() throws {
        let sample = try SampleStore(chunkRows: 8)
        let store = try sample.open()
        let raw = try StoreEmbeddings(Self.source(sample), in: store)
        #expect(raw.kept == nil && raw.vectors.element == .float32)
        #expect(!FileManager.default.fileExists(atPath: store.embeddingsFolder))
        #expect(try StoreEmbeddings(Self.source(sample), in: store, keeping: .always).kept != nil)
        #expect(try StoreEmbeddings(Self.source(sample), in: store).vectors.element == .float16)
        _ = try head(sample, store)
        let copy = sample.folder.path("copy.safetensors")
        try FileManager.default.copyItem(atPath: store.headsFolder + "/h/head.safetensors", toPath: copy)
        let foreign = HeadChoice.head(try HeadLibrary(store: store).load(copy, for: sample.space))
        #expect(try StoreEmbeddings(Self.source(sample, foreign), in: store).kept == nil)
        #expect(throws: InputError.self) {
            try StoreEmbeddings(Self.source(sample, foreign), in: store, keeping: .always)
        }
    }

    @Test("has the unit vectors of raw features in the order of their rows, over more chunks than are read at a time")
    func manyChunks() throws {
        let sample = try SampleStore(classes: 4, perClass: 65, chunkRows: 4)
        let store = try sample.open()
        let raw = try StoreEmbeddings(Self.source(sample), in: store)
        let features = try raw.chunks.read(at: Array(0..<raw.chunks.count)).features
        #expect(raw.chunks.count == 65 && raw.vectors.count == 260)
        #expect(raw.vectors.matrix(0..<260) == features.normalizedRows())
    }

    @Test("survives the loss of rows in the middle, and rewrites embeddings that are mostly of rows that are gone")
    func collected() throws {
        let sample = try SampleStore(classes: 4, perClass: 40, chunkRows: 8)
        let store = try sample.open()
        let head = try head(sample, store)
        _ = try StoreEmbeddings(Self.source(sample, head), in: store)
        var writer = try FeatureStoreWriter(path: sample.folder.path("s.fcstore"), space: sample.space)
        try writer.remove(paths: (0..<160).filter { $0 % 8 == 1 }.map { "/p/c1/\($0).jpg" })
        try writer.finish()
        _ = try GarbageCollection(path: sample.folder.path("s.fcstore"), threshold: 0).run()
        let again = try sample.open()
        let now = try StoreEmbeddings(Self.source(sample, head), in: again)
        #expect(now.vectors.count == 140)
        let raw = try now.chunks.features(ofRows: Array(0..<140))
        let exact = Self.source(sample, head).embeddings(of: raw).normalizedRows()
        #expect(zip(now.vectors.matrix(0..<140).elements, exact.elements).allSatisfy { abs($0 - $1) < 1e-3 })
        let kept = try #require(now.kept)
        for row in 0..<140 { #expect(kept.row(at: kept.place(of: row)) == row) }
        let unused = kept.unusedPlaces.joined()
        #expect(unused.allSatisfy { kept.row(at: $0) == nil })
        #expect(unused.count + 140 == kept.file.vectors.count)
    }

    @Test("takes neighbors' votes, nearer ones with more weight")
    func suggestions() {
        func found(_ score: Float, _ label: String?) -> FoundPicture {
            FoundPicture(rank: 1, score: score, label: label, path: "", id: Fingerprint(of: Data()))
        }
        let votes = LabelSuggestion.among([found(0.9, "a"), found(0.83, "b"), found(0.83, "b"), found(0.95, nil)])
        // exp(-0.07 / 0.07) is the weight of each b beside an a's 1.
        let share = 1 / (1 + 2 * exp(-1.0))
        #expect(votes.map(\.label) == ["a", "b"] && votes.map(\.votes) == [1, 2])
        #expect(abs(votes[0].share - share) < 1e-5 && abs(votes[1].share - (1 - share)) < 1e-5)
        #expect(LabelSuggestion.among([found(1, nil)]).isEmpty && LabelSuggestion.among([]).isEmpty)
    }
}
