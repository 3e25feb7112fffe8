import FeatureStorage
import Foundation
import Measuring
import Tensors

/// One store of one row type, written and read in the ways that are compared.
struct StoreBenchmark {
    static let batchRows = 128
    static let poolChunks = 16

    let input: FeatureFile
    let type: RowType
    let path: String
    private let space: FeatureSpace

    init(input: FeatureFile, type: RowType, folder: String) {
        (self.input, self.type, path) = (input, type, "\(folder)/\(type.rawValue).fcstore")
        space = FeatureSpace(
            name: "benchmark", fields: ["model": "benchmark"], dimension: input.dimension, rowType: type)
    }

    /// The seconds that writing the first `rows` features takes, to the last flush; without reading the features and
    /// hashing pictures.
    func write(rows: Int) throws -> Double {
        try? FileManager.default.removeItem(atPath: path)
        var seconds = 0.0
        var clock = ContinuousClock.now
        var writer = try FeatureStoreWriter(path: path, space: space)
        seconds += elapsed(since: clock)
        for start in stride(from: 0, to: rows, by: 256) {
            let range = start..<min(start + 256, rows)
            let values = try input.read(range)
            let pictures = range.map(Self.picture)
            clock = .now
            for (position, picture) in pictures.enumerated() {
                let first = position * input.dimension
                try writer.append(feature: values[first..<first + input.dimension], of: picture)
            }
            seconds += elapsed(since: clock)
        }
        clock = .now
        try writer.finish()
        return seconds + elapsed(since: clock)
    }

    /// The seconds that reading takes, opening the store included: every row as binary32 in a buffer.
    func read(_ pattern: String, threads: Int, seed: UInt64, rows: Int) throws -> Double {
        let clock = ContinuousClock.now
        let chunks = try FeatureStore(path: path).chunks(in: space)
        var generator = SplitMix(state: seed)
        var found = 0
        switch pattern {
        case "sequential" where threads == 1: found = try chunks.readInOrder()
        case "sequential": found = try chunks.readOnAllProcessors()
        case "shuffle": found = try readShuffled(chunks, &generator)
        case "random": found = try readRandomly(chunks, rows: rows, &generator)
        default: throw InputError("pattern '\(pattern)'", "is not known")
        }
        let seconds = elapsed(since: clock)
        guard found == rows else { throw InputError(path, "gave \(found) rows instead of \(rows)") }
        return seconds
    }

    /// The largest difference between what was written and what is read, relative to the largest feature.
    func largestDifference() throws -> Float {
        let chunks = try FeatureStore(path: path).chunks(in: space)
        var (difference, largest, start): (Float, Float, Int) = (0, 0, 0)
        for position in 0..<chunks.count {
            let found = try chunks.read(at: position).features
            let values = try input.read(start..<start + found.rows)
            for (value, other) in zip(values, found.elements) {
                difference = max(difference, abs(value - other))
                largest = max(largest, abs(value))
            }
            start += found.rows
        }
        return difference / largest
    }

    /// Pools of chunks in random order; batches of rows in random order from each pool.
    private func readShuffled(_ chunks: StoredChunks, _ generator: inout SplitMix) throws -> Int {
        let order = (0..<chunks.count).shuffled(using: &generator)
        let largest = order.map { chunks.rows(at: $0) }.max() ?? 0
        var pool = [Float](repeating: 0, count: Self.poolChunks * largest * input.dimension)
        var batch = [Float](repeating: 0, count: Self.batchRows * input.dimension)
        var found = 0
        for start in stride(from: 0, to: order.count, by: Self.poolChunks) {
            var filled = 0
            for position in order[start..<min(start + Self.poolChunks, order.count)] {
                let features = try chunks.read(at: position).features
                features.withUnsafeElements { copy(0..<features.rows, of: $0, to: filled, of: &pool) }
                filled += features.rows
            }
            let rows = (0..<filled).shuffled(using: &generator)
            pool.withUnsafeBufferPointer { pool in
                for (position, row) in rows.enumerated() {
                    copy(row..<row + 1, of: pool, to: position % Self.batchRows, of: &batch)
                }
            }
            found += filled
        }
        return found
    }

    /// Single rows in random order over the whole store, each from a chunk that is decoded for it alone.
    private func readRandomly(_ chunks: StoredChunks, rows: Int, _ generator: inout SplitMix) throws -> Int {
        var batch = [Float](repeating: 0, count: Self.batchRows * input.dimension)
        for position in 0..<rows {
            let chunk = Int.random(in: 0..<chunks.count, using: &generator)
            let row = Int.random(in: 0..<chunks.rows(at: chunk), using: &generator)
            try chunks.read(at: chunk).features.withUnsafeElements {
                copy(row..<row + 1, of: $0, to: position % Self.batchRows, of: &batch)
            }
        }
        return rows
    }

    private func copy(
        _ rows: Range<Int>, of source: UnsafeBufferPointer<Float>, to position: Int, of target: inout [Float]
    ) {
        let dimension = input.dimension
        target.withUnsafeMutableBufferPointer { target in
            _ = target.extracting(position * dimension..<(position + rows.count) * dimension)
                .update(fromContentsOf: source.extracting(rows.lowerBound * dimension..<rows.upperBound * dimension))
        }
    }

    private static func picture(_ number: Int) -> PictureEntry {
        PictureEntry(
            path: "/pictures/\(number / 1000)/image_\(number).jpg", label: "class \(number / 1000)",
            content: Fingerprint(of: Data("\(number)".utf8)), size: 40_000, modified: 1_700_000_000_000_000_000,
            root: "/pictures")
    }
}
