import Dispatch
import Synchronization
public import Tensors

/// The chunks of a space in storage order, as they were when they were asked for: what is committed never changes. Keeps the
/// segments open; may be used from several threads at once.
public struct StoredChunks: Sendable {
    /// The space that the features are of.
    public let space: FeatureSpace
    let chunks: [ChunkLocation]
    private let readers: [Int: ChunkReader]
    /// The first row of each chunk, and after the last the number of rows.
    let starts: [Int]
    /// When they were asked for; nil where nobody is to know.
    let moment: IndexMoment?

    init(_ layout: StoreLayout, space: FeatureSpace, _ chunks: [ChunkLocation], at moment: IndexMoment? = nil) throws {
        var readers: [Int: ChunkReader] = [:]
        for chunk in chunks where readers[chunk.segment] == nil {
            readers[chunk.segment] = try ChunkReader(
                layout, segment: chunk.segment, uuid: chunk.segmentUUID, space: space)
        }
        (self.space, self.chunks, self.readers, self.moment) = (space, chunks, readers, moment)
        starts = chunks.reduce(into: [0]) { starts, chunk in starts.append(starts[starts.count - 1] + chunk.liveCount) }
    }

    /// The number of chunks.
    public var count: Int { chunks.count }

    /// The features in the chunk at `position`, `0..<count`.
    public func rows(at position: Int) -> Int { chunks[position].liveCount }

    /// The contents of the rows of the chunk at `position`, without their features. Throws `InputError` that names the
    /// segment, the chunk and the place where a checksum differs or something is missing.
    public func contents(at position: Int) throws -> [Fingerprint] {
        try reader(of: chunks[position]).contents(of: chunks[position])
    }

    /// The chunk at `position`: the contents of its rows and their features, shape `[rows(at: position), dimension]`. Throws
    /// as `contents(at:)` does.
    public func read(at position: Int) throws -> FeatureTable {
        var contents: [Fingerprint] = []
        let features = try Matrix(rows: rows(at: position), columns: space.dimension) { target in
            contents = try reader(of: chunks[position]).read(chunks[position], into: target)
        }
        return FeatureTable(contents: contents, features: features)
    }

    /// Calls `body` with every content and its number in the index.
    func forEachContent(_ body: (_ number: Int64, _ content: Fingerprint) throws -> Void) throws {
        for (position, chunk) in chunks.enumerated() {
            let numbers = chunk.runs.lazy.flatMap(\.contents)
            for (number, content) in zip(numbers, try contents(at: position)) { try body(number, content) }
        }
    }

    /// Every content by its number in the index.
    func keys() throws -> ContentKeys {
        var pairs: [(UInt32, Fingerprint)] = []
        try forEachContent { number, content in
            guard let number = UInt32(exactly: number) else { throw IndexQueries.damaged("a content's number") }
            pairs.append((number, content))
        }
        return ContentKeys(pairs)
    }

    /// All chunks, decoded on all processors, one after the other.
    func readAll() throws -> FeatureTable { try read(at: Array(0..<count)) }

    /// Some chunks, decoded on all processors, one after the other. Throws as `contents(at:)` does, of several errors the first.
    public func read(at positions: [Int]) throws -> FeatureTable {
        let starts = positions.reduce(into: [0]) { $0.append($0[$0.count - 1] + rows(at: $1)) }
        let found = Mutex([[Fingerprint]](repeating: [], count: positions.count))
        let features = try Matrix(rows: starts[positions.count], columns: space.dimension) { target in
            // Each chunk writes to rows of its own.
            nonisolated(unsafe) let target = target
            let firstError = Mutex<(place: Int, error: any Error)?>(nil)
            DispatchQueue.concurrentPerform(iterations: positions.count) { place in
                guard firstError.withLock({ $0 == nil }) else { return }
                let rows = starts[place] * space.dimension..<starts[place + 1] * space.dimension
                do {
                    let chunk = chunks[positions[place]]
                    let contents = try reader(of: chunk).read(chunk, into: target.extracting(rows))
                    found.withLock { $0[place] = contents }
                } catch {
                    firstError.withLock { first in
                        if first.map({ place < $0.place }) ?? true { first = (place, error) }
                    }
                }
            }
            if let first = firstError.withLock({ $0 }) { throw first.error }
        }
        return FeatureTable(contents: found.withLock { Array($0.joined()) }, features: features)
    }

    private func reader(of chunk: ChunkLocation) -> ChunkReader {
        guard let reader = readers[chunk.segment] else { preconditionFailure("segment \(chunk.segment) is not open") }
        return reader
    }
}
