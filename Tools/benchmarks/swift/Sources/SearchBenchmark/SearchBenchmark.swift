import Dispatch
import FeatureStorage
import Foundation
import Measuring
import Pipeline
import Retrieval
import Tensors

/// The ways to search that are compared, over the raw features of one store.
struct SearchBenchmark {
    let path: String
    private let store: FeatureStore
    private let source: EmbeddingSource

    init(path: String) throws {
        self.path = path
        store = try FeatureStore(path: path)
        source = EmbeddingSource(space: try store.space(matching: nil), head: .none)
    }

    /// Makes the graph; seconds, and its bytes a picture.
    func build(links: Int, effort: Int) throws {
        let clock = ContinuousClock.now
        let report = try GraphIndexing(source, in: store).build(
            GraphParameters(links: links, constructionEffort: effort), isAnew: true, interruption: Interruption())
        print("seconds", elapsed(since: clock))
        print("bytes", (report?.bytes ?? 0) / (report?.contents ?? 1))
    }

    /// The time from the store's path to the first picture that a query finds, and of the next ones.
    func latency(_ index: IndexChoice, queries: Matrix, k: Int, effort: Int) throws {
        let clock = ContinuousClock.now
        let search = try PictureSearch(
            store: try FeatureStore(path: path), source: source, index: index, effort: effort)
        print("open", elapsed(since: clock))
        func ask(_ row: Int) throws -> Double {
            let query = QueryPictures(
                names: [""], contents: [Fingerprint(of: [UInt8]())], features: queries.rows(in: row..<row + 1))
            let start = ContinuousClock.now
            guard try search.search(query, k: k)[0].count == k else { throw InputError("query", "found too little") }
            return elapsed(since: start)
        }
        print("first", try ask(0))
        print("next", median(try (1...20).map(ask)))
        print("peak", peakMemory())
    }

    /// Queries a second for one after the other and for all at once, without looking up what the pictures are; writes what was found.
    func exact(bytes: Bool, queries: Matrix, k: Int, to output: String) throws {
        let embeddings = try StoreEmbeddings(source, in: store)
        guard let kept = embeddings.kept else { throw InputError(path, "keeps no vectors") }
        let file = try MappedFile(path: kept.file.place.array)
        let index = ExactIndex(embeddings.vectors, scanning: bytes ? embeddings.vectors.asUInt8 : nil)
        // In turn, since the machine is not as fast at all times.
        let times = (0..<45).map { row in
            let start = ContinuousClock.now
            readAll(file)
            let read = elapsed(since: start)
            let clock = ContinuousClock.now
            _ = index.search(queries.rows(in: row..<row + 1), k: k)
            return (read: read, single: elapsed(since: clock))
        }.dropFirst(5)
        print("reading", median(times.map(\.read)))
        print("single", median(times.map(\.single)))
        try measureAll(queries, to: output) { index.search($0, k: k) }
    }

    /// The same in the graph, at each of some efforts.
    func graph(queries: Matrix, k: Int, efforts: [Int], to output: String) throws {
        guard let kept = try StoreEmbeddings(source, in: store).kept else { throw InputError(path, "keeps no vectors") }
        let index = try GraphIndex(GraphFile(over: kept.file), over: kept.file)
        for effort in efforts {
            print("effort", effort)
            let single = try (0..<200).map { row in
                let clock = ContinuousClock.now
                _ = try index.search(queries.rows(in: row..<row + 1), effort: effort)
                return elapsed(since: clock)
            }
            print("single", median(single))
            try measureAll(queries, to: "\(output).\(effort)") {
                try index.search($0, effort: effort).map { Array($0.prefix(k)) }
            }
        }
    }

    private func measureAll(_ queries: Matrix, to output: String, _ search: (Matrix) throws -> [[Neighbor]]) throws {
        var (seconds, found) = ([Double](), [[Neighbor]]())
        for _ in 0..<3 {
            let clock = ContinuousClock.now
            found = try search(queries)
            seconds.append(elapsed(since: clock))
        }
        print("all", Double(queries.rows) / median(seconds))
        let lines = found.map { $0.map { "\($0.index)" }.joined(separator: " ") }
        try AtomicFile.write(Data((lines.joined(separator: "\n") + "\n").utf8), to: output)
        print("peak", peakMemory())
    }
}

/// Reads every byte of a mapped file once, on all processors.
func readAll(_ file: MappedFile) {
    file.withUnsafeBytes { bytes in
        nonisolated(unsafe) let bytes = bytes
        let length = 1 << 20
        DispatchQueue.concurrentPerform(iterations: bytes.count / length) { piece in
            var sum = SIMD16<Float>.zero
            for offset in stride(from: piece * length, to: (piece + 1) * length, by: 64) {
                sum += bytes.loadUnaligned(fromByteOffset: offset, as: SIMD16<Float>.self)
            }
            if sum[0] == -1 { print("") }
        }
    }
}

func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

/// `VmHWM`: the most memory that the process had, mapped files included, in bytes.
func peakMemory() -> Int {
    let status = (try? String(contentsOfFile: "/proc/self/status", encoding: .utf8)) ?? ""
    let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
    return (line?.split(separator: " ").dropFirst().first.flatMap { Int($0) } ?? 0) * 1024
}
