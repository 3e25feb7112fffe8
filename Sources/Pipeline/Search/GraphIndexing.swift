public import FeatureStorage
import Foundation
public import Retrieval
import Tensors

/// Makes the graph over the kept embeddings of a source, or goes on with the one that is there.
public struct GraphIndexing {
    /// What was done.
    public struct Report: Sendable, Hashable, Codable {
        /// Contents in the graph, and those of them that are new in it.
        public let contents, added: Int
        /// Whether the graph was made from nothing.
        public let isNew: Bool
        /// The length of the file.
        public let bytes: Int
        /// How it was made.
        public let parameters: GraphParameters
    }

    /// How often the graph finds what an exact search does.
    public struct Check: Sendable, Hashable, Codable {
        /// Contents in the graph, and those that it lacks.
        public let contents, uncovered: Int
        /// Pictures that were searched for.
        public let queries: Int
        /// How many neighbors of each were compared, and candidates in the graph.
        public let k, effort: Int
        /// The part of the exact neighbors that the graph found, 0...1.
        public let recall: Double
        /// Queries a second, all queries at once.
        public let exactRate, graphRate: Double
    }

    private let source: EmbeddingSource
    private let store: FeatureStore
    private let announce: (String) -> Void
    private let progress: ProgressHandler

    /// Graphs over the embeddings of `source`.
    public init(
        _ source: EmbeddingSource, in store: FeatureStore, announce: @escaping (String) -> Void = { _ in },
        progress: @escaping ProgressHandler = { _ in }
    ) { (self.source, self.store, self.announce, self.progress) = (source, store, announce, progress) }

    /// Makes the graph with `parameters`, or adds to the one that is there where that has the same and is not `isAnew`. Nil where it was
    /// interrupted: then everything is as it was, but for the embeddings. Throws `InputError` where something cannot be written.
    public func build(
        _ parameters: GraphParameters, isAnew: Bool = false, interruption: Interruption
    ) throws -> Report? {
        let embeddings = try StoreEmbeddings(
            source, in: store, keeping: .always, announce: announce, progress: progress)
        guard let kept = embeddings.kept, kept.file.vectors.count > 0 else {
            throw InputError(
                store.path, "has no pictures in the space \(source.space.name)", remedy: "Run finetuner-cache build.")
        }
        let known = isAnew ? nil : graph(kept.file, parameters)
        let builder = try GraphBuilder(over: kept.file, parameters: parameters, extending: known)
        let isDone = try builder.addRows(
            progress: { done, total in
                progress(ProgressUpdate(activity: "linking", done: done, total: total, unit: "contents"))
            }, isStopped: { interruption.isRequested })
        guard isDone else { return nil }
        let added = kept.file.vectors.count - builder.known
        if added > 0 { try builder.write() }
        let size = try FileManager.default.attributesOfItem(atPath: kept.file.place.graph)[.size] as? NSNumber
        return Report(
            contents: kept.file.vectors.count, added: added, isNew: known == nil, bytes: size?.intValue ?? 0,
            parameters: parameters)
    }

    /// The graph that can be gone on with.
    private func graph(_ file: EmbeddingFile, _ parameters: GraphParameters) -> GraphFile? {
        do {
            let graph = try GraphFile(over: file)
            if graph.parameters == parameters { return graph }
            announce("the graph that is there has other parameters: making a new one")
        } catch GraphFile.Absence.damaged(let error) {
            announce("making a new graph: \(error.object) \(error.fact)")
        } catch {}
        return nil
    }

    /// Compares the graph with an exact search for `sample` stored contents, which `seed` decides. Throws `InputError` where there is no graph.
    public func check(sample: Int, k: Int, effort: Int, seed: UInt64 = 0) throws -> Check {
        let embeddings = try StoreEmbeddings(source, in: store, announce: announce, progress: progress)
        let search: GraphSearch
        do {
            guard let kept = embeddings.kept else { throw GraphFile.Absence.missing }
            search = try GraphSearch(kept)
        } catch let absence as GraphFile.Absence { throw absence.error(of: source) }
        var generator = SeededGenerator(seed: seed)
        let rows = generator.permutation(embeddings.vectors.count).prefix(sample)
        let queries = embeddings.vectors.matrix(at: rows)
        let clock = ContinuousClock()
        var (exact, found) = ([[Neighbor]](), [[Neighbor]]())
        // Each finds itself first; that says nothing.
        let exactTime = clock.measure { exact = ExactIndex(embeddings.vectors).search(queries, k: k + 1) }
        let graphTime = try clock.measure {
            found = try search.search(queries, count: k + 1, effort: effort, among: nil)
        }
        var (hits, wanted) = (0, 0)
        for (row, (exact, found)) in zip(rows, zip(exact, found)) {
            let expected = Set(exact.map(\.index).filter { $0 != row }.prefix(k))
            hits += expected.intersection(found.map(\.index)).count
            wanted += expected.count
        }
        return Check(
            contents: search.count, uncovered: search.uncovered, queries: rows.count, k: k, effort: effort,
            recall: wanted == 0 ? 1 : Double(hits) / Double(wanted), exactRate: Double(rows.count) / exactTime.seconds,
            graphRate: Double(rows.count) / graphTime.seconds)
    }
}
