import Dispatch
import FeatureStorage
import Synchronization
import Tensors

extension FeatureDataset {
    /// The classes of the rows at `indices`.
    func labels(of indices: some Collection<Int>) -> [Int] { indices.map { Int(rows[$0].label) } }

    /// The features of the rows at `indices`, in that order, shape `[indices.count, dimension]`: of the usual view, or each of the
    /// one in `views`, 0 for the usual one, which also stands in for one that a row lacks. Every chunk that has one of them is
    /// decoded once, by one of `threads` threads; the result is the same for any number of them.
    ///
    /// Throws the reader's error of the first damaged chunk, and `CancellationError` soon after `cancellation` is requested.
    func features(
        of indices: [Int], views: [Int]? = nil, threads: Int, cancellation: Interruption = Interruption()
    ) throws -> Matrix {
        let parts = parts(indices, views)
        let wanted = parts.indices.flatMap { part in parts[part].wanted.map { (part, $0) } }
        return try Matrix(rows: indices.count, columns: space.dimension) { target in
            // Each chunk writes to rows of its own.
            nonisolated(unsafe) let target = target
            try Self.forEach(wanted, threads: threads, cancellation) { part, chunk in
                let part = parts[part]
                let table = try part.chunks.read(at: chunk)
                for item in part.groups[chunk] {
                    let start = part.positions[Int(item)] * space.dimension
                    _ = target.extracting(start..<start + space.dimension)
                        .update(fromContentsOf: table.features.row(Int(part.places[Int(item)].row)))
                }
            }
        }
    }

    /// What is read from one view.
    private struct Part: Sendable {
        let chunks: StoredChunks
        /// Where its rows go, and where they are.
        let positions: [Int]
        let places: [DatasetView.Place]
        /// The same by chunk.
        let groups: ChunkGroups

        init(_ chunks: StoredChunks, _ positions: [Int], _ places: [DatasetView.Place]) {
            (self.chunks, self.positions, self.places) = (chunks, positions, places)
            groups = ChunkGroups(places.lazy.map(\.chunk), chunkCount: chunks.count)
        }

        /// The chunks that have one of the rows.
        var wanted: [Int] { (0..<groups.chunkCount).filter { !groups[$0].isEmpty } }
    }

    private func parts(_ indices: [Int], _ views: [Int]?) -> [Part] {
        var positions = [[Int]](repeating: [], count: viewCount)
        var places = [[DatasetView.Place]](repeating: [], count: viewCount)
        for (position, index) in indices.enumerated() {
            let wanted = views?[position] ?? 0
            let place = wanted > 0 ? self.views[wanted - 1].places[index] : nil
            let view = place == nil ? 0 : wanted
            positions[view].append(position)
            places[view].append(place ?? DatasetView.Place(chunk: rows[index].chunk, row: rows[index].row))
        }
        let chunks = [chunks] + self.views.map(\.chunks)
        return chunks.indices.map { Part(chunks[$0], positions[$0], places[$0]) }
    }

    /// Calls `body` with every chunk, on `threads` threads. Throws the error of the first chunk that has one; those behind
    /// it are then left.
    private static func forEach(
        _ chunks: [(part: Int, chunk: Int)], threads: Int, _ cancellation: Interruption,
        _ body: @Sendable (_ part: Int, _ chunk: Int) throws -> Void
    ) throws {
        let next = Atomic(0)
        let firstError = Mutex<(position: Int, error: any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: min(threads, chunks.count)) { _ in
            while firstError.withLock({ $0 == nil }) {
                let position = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard position < chunks.count else { return }
                do {
                    guard !cancellation.isRequested else { throw CancellationError() }
                    try body(chunks[position].part, chunks[position].chunk)
                } catch {
                    firstError.withLock { first in
                        if first.map({ position < $0.position }) ?? true { first = (position, error) }
                    }
                }
            }
        }
        if let first = firstError.withLock({ $0 }) { throw first.error }
    }
}
