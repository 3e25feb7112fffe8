import Dispatch
import FeatureStorage
import Synchronization
import Tensors

extension FeatureDataset {
    /// The classes of the rows at `indices`.
    func labels(of indices: some Collection<Int>) -> [Int] { indices.map { Int(rows[$0].label) } }

    /// The features of the rows at `indices`, in that order, shape `[indices.count, dimension]`. Every chunk that has one of
    /// them is decoded once, by one of `threads` threads; the result is the same for any number of them.
    ///
    /// Throws the reader's error of the first damaged chunk, and `CancellationError` soon after `cancellation` is requested.
    func features(of indices: [Int], threads: Int, cancellation: Interruption = Interruption()) throws -> Matrix {
        let groups = ChunkGroups(indices.lazy.map { rows[$0].chunk }, chunkCount: chunks.count)
        let wanted = (0..<chunks.count).filter { !groups[$0].isEmpty }
        return try Matrix(rows: indices.count, columns: space.dimension) { target in
            // Each chunk writes to rows of its own.
            nonisolated(unsafe) let target = target
            try Self.forEach(wanted, threads: threads, cancellation) { chunk in
                let table = try chunks.read(at: chunk)
                for position in groups[chunk] {
                    let start = Int(position) * space.dimension
                    _ = target.extracting(start..<start + space.dimension)
                        .update(fromContentsOf: table.features.row(Int(rows[indices[Int(position)]].row)))
                }
            }
        }
    }

    /// Calls `body` with every chunk, on `threads` threads. Throws the error of the first chunk that has one; those behind
    /// it are then left.
    private static func forEach(
        _ chunks: [Int], threads: Int, _ cancellation: Interruption,
        _ body: @Sendable (Int) throws -> Void
    ) throws {
        let next = Atomic(0)
        let firstError = Mutex<(position: Int, error: any Error)?>(nil)
        DispatchQueue.concurrentPerform(iterations: min(threads, chunks.count)) { _ in
            while firstError.withLock({ $0 == nil }) {
                let position = next.wrappingAdd(1, ordering: .relaxed).oldValue
                guard position < chunks.count else { return }
                do {
                    guard !cancellation.isRequested else { throw CancellationError() }
                    try body(chunks[position])
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
