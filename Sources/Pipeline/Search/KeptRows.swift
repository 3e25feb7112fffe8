import FeatureStorage
public import Retrieval
import Tensors

/// The rows of a space in a file of kept embeddings, where they may lie in another order and among others.
public struct KeptRows: Sendable {
    /// The file.
    public let file: EmbeddingFile

    /// Consecutive rows that are consecutive in the file too.
    private struct Run {
        let first: Int
        let place: Int
        var count: Int
    }

    /// In the order of the rows.
    private let runs: [Run]
    /// In the order of the file.
    private let byPlace: [Run]

    /// The rows of `chunks` in `file`; nil where it lacks some.
    init?(_ file: EmbeddingFile, _ chunks: StoredChunks) {
        var runs: [Run] = []
        for position in 0..<chunks.count {
            guard let rows = file.rows(of: chunks.identity(at: position)), rows.count == chunks.rows(at: position)
            else { return nil }
            if let last = runs.last, last.place + last.count == rows.lowerBound {
                runs[runs.count - 1].count += rows.count
            } else {
                runs.append(
                    Run(first: chunks.range(at: position).lowerBound, place: rows.lowerBound, count: rows.count))
            }
        }
        (self.file, self.runs) = (file, runs)
        byPlace = runs.sorted { $0.place < $1.place }
    }

    /// The vectors, row for row.
    var vectors: VectorRows {
        VectorRows(
            runs.map { file.part($0.place..<$0.place + $0.count) }, dimension: file.place.dimension, element: .float16)
    }

    /// The row that lies at a place in the file; nil where it is none.
    public func row(at place: Int) -> Int? {
        let next = byPlace.firstPosition { $0.place > place }
        guard next > 0, place < byPlace[next - 1].place + byPlace[next - 1].count else { return nil }
        return byPlace[next - 1].first + place - byPlace[next - 1].place
    }

    /// The place in the file of a row.
    public func place(of row: Int) -> Int {
        let next = runs.firstPosition { $0.first > row }
        precondition(next > 0, "row \(row) is not in the file")
        let run = runs[next - 1]
        return run.place + row - run.first
    }

    /// The places in the file that are no rows.
    public var unusedPlaces: [Range<Int>] {
        var (end, unused) = (0, [Range<Int>]())
        for run in byPlace {
            if run.place > end { unused.append(end..<run.place) }
            end = run.place + run.count
        }
        if end < file.vectors.count { unused.append(end..<file.vectors.count) }
        return unused
    }
}
