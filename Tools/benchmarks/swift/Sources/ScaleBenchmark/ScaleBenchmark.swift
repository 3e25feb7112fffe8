import FeatureStorage
import Foundation
import Measuring
import Pipeline
import Tensors

/// What is measured of one store inside a process; prints a name and a number a line.
struct ScaleBenchmark {
    let path: String

    /// Writes a part of the synthetic pictures by the store's public writer.
    func write(_ pictures: SyntheticPictures, shard: Int, of shards: Int) throws {
        let clock = ContinuousClock.now
        var writer = try FeatureStoreWriter(path: path, space: pictures.space)
        var feature = [Float](repeating: 0, count: pictures.dimension)
        for number in pictures.numbers(ofShard: shard, of: shards) {
            pictures.feature(number, into: &feature)
            try writer.append(feature: feature[...], of: pictures.entry(number))
        }
        report("rows", Double(writer.committedRows))
        try writer.finish()
        report("seconds", elapsed(since: clock))
    }

    /// Opens the store and reads every feature once as binary32, chunk after chunk in the order of storage.
    func epoch(threads: Int) throws {
        let clock = ContinuousClock.now
        let store = try FeatureStore(path: path)
        let chunks = try store.chunks(in: try store.space(matching: nil))
        report("open", elapsed(since: clock))
        let start = ContinuousClock.now
        let rows = threads == 1 ? try chunks.readInOrder() : try chunks.readOnAllProcessors()
        report("seconds", elapsed(since: start))
        report("rows", Double(rows))
    }

    /// The time to open a search and the times of queries by stored pictures' vectors, moved a little.
    func query(_ index: IndexChoice, _ pictures: SyntheticPictures, queries: Int) throws {
        let clock = ContinuousClock.now
        let search = try PictureSearch(
            store: try FeatureStore(path: path), source: EmbeddingSource(space: pictures.space, head: .none),
            index: index)
        report("open", elapsed(since: clock))
        var times: [Double] = []
        for turn in 0...queries {
            let start = ContinuousClock.now
            let found = try search.search(Self.query(of: pictures, turn), k: 10)[0]
            times.append(elapsed(since: start))
            guard found.count == 10 else { throw InputError(path, "gave \(found.count) of 10 neighbors") }
        }
        report("first", times[0])
        report("next", times.dropFirst().sorted()[queries / 2])
    }

    private static func query(of pictures: SyntheticPictures, _ turn: Int) -> QueryPictures {
        var feature = [Float](repeating: 0, count: pictures.dimension)
        pictures.feature((turn * 7919 + 13) % pictures.count, into: &feature)
        let moved = Matrix(rows: 1, columns: feature.count, elements: feature.map { $0 * 1.25 + 0.01 })
        return QueryPictures(names: [""], contents: [Fingerprint(of: [UInt8]())], features: moved)
    }
}
