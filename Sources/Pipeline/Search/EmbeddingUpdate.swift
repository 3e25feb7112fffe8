import FeatureStorage
import Foundation
import Retrieval
import Tensors

/// Makes the embeddings of chunks that have none yet: a few chunks at a time, decoded and put through the head on all cores.
struct EmbeddingUpdate {
    let source: EmbeddingSource
    let chunks: StoredChunks
    let progress: ProgressHandler

    private static let (chunksPerStep, stepsPerCommit) = (16, 4)
    /// Unused rows from which on everything is written anew, and the part of all rows.
    private static let (manyUnused, largePart) = (4096, 0.3)

    /// Makes and keeps at `place` what is missing there. What was done stays done where it is interrupted.
    func keep(at place: EmbeddingPlace) throws {
        var writer = try EmbeddingWriter(at: place)
        let identities = (0..<chunks.count).map(chunks.identity)
        let (unused, all) = writer.unusedRows(but: Set(identities))
        if unused > Self.manyUnused, Double(unused) > Self.largePart * Double(all) { try writer.startAnew() }
        let missing = identities.indices.filter { !writer.contains(identities[$0]) }
        var step = 0
        try make(missing) { position, vectors in
            try writer.append(vectors, as: identities[position])
            step += 1
            if step % (Self.chunksPerStep * Self.stepsPerCommit) == 0 { try writer.commit() }
        }
        try writer.commit()
    }

    /// Calls `body` with the vectors of each of some chunks, in their order.
    func make(_ positions: [Int], _ body: (_ position: Int, _ vectors: VectorRows) throws -> Void) throws {
        let total = positions.reduce(0) { $0 + chunks.rows(at: $1) }
        var done = 0
        for start in stride(from: 0, to: positions.count, by: Self.chunksPerStep) {
            let step = Array(positions[start..<min(start + Self.chunksPerStep, positions.count)])
            let vectors = try source.halves(of: chunks.read(at: step).features)
            var row = 0
            for position in step {
                let end = row + chunks.rows(at: position)
                try body(position, vectors.rows(in: row..<end))
                row = end
            }
            done += row
            progress(ProgressUpdate(activity: "embedding", done: done, total: total, unit: "pictures"))
        }
    }
}
