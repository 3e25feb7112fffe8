import Tensors

/// The rows of a space by the numbers of their contents in the index.
struct ContentRows {
    /// Consecutive contents in consecutive rows.
    private struct Run {
        let contents: Range<Int64>
        let firstRow: Int
    }

    private let runs: [Run]

    init(_ chunks: StoredChunks) {
        var runs: [Run] = []
        for (position, chunk) in chunks.chunks.enumerated() {
            var row = chunks.starts[position]
            for run in chunk.runs {
                runs.append(Run(contents: run.contents, firstRow: row))
                row += run.count
            }
        }
        self.runs = runs.sorted { $0.contents.lowerBound < $1.contents.lowerBound }
    }

    /// The row that a content has; nil where it has none.
    subscript(number: Int64) -> Int? {
        let position = runs.firstPosition { $0.contents.upperBound > number }
        guard position < runs.count, runs[position].contents.contains(number) else { return nil }
        return runs[position].firstRow + Int(number - runs[position].contents.lowerBound)
    }
}
