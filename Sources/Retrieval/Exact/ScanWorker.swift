import Tensors

/// What one core does in a scan: scores blocks of rows and keeps those that can be among the nearest.
struct ScanWorker {
    private let scan: ExactScan
    private let scorer: BlockScorer
    /// For each query the rows so far.
    private(set) var candidates: [NearestCandidates]
    /// The cutoffs of the candidates; for one query after the other, that of the one at hand many times.
    private var cutoffs: [Float]
    private var scores: [Float]
    private var scratch: [Float]
    private var positions: [UInt32]

    /// A worker for blocks of at most `length` rows.
    init(scan: ExactScan, scorer: BlockScorer, candidates: [NearestCandidates], length: Int) {
        (self.scan, self.scorer, self.candidates) = (scan, scorer, candidates)
        let lineLength = max(scorer.count, length)
        cutoffs = [Float](repeating: -.infinity, count: lineLength)
        positions = [UInt32](repeating: 0, count: lineLength)
        scores = [Float](repeating: 0, count: scorer.count * length)
        scratch = [Float](repeating: 0, count: scorer.scratchCount(rows: length))
    }

    /// Scores a block.
    mutating func take(_ rows: Range<Int>) {
        scores.withUnsafeMutableBufferPointer { scores in
            scratch.withUnsafeMutableBufferPointer { scorer.score(rows, into: scores, scratch: $0) }
        }
        if scorer.isByRow {
            for (line, row) in rows.enumerated() { takeLine(line, of: scorer.count) { (query: $0, row: row) } }
        } else {
            for query in 0..<scorer.count {
                cutoffs.withUnsafeMutableBufferPointer { $0.update(repeating: candidates[query].cutoff) }
                takeLine(query, of: rows.count) { (query: query, row: rows.lowerBound + $0) }
            }
        }
    }

    /// Looks at one line of scores, `place` being what a position in it stands for.
    private mutating func takeLine(_ line: Int, of length: Int, _ place: (Int) -> (query: Int, row: Int)) {
        let start = line * length
        let count = scores.withUnsafeBufferPointer { scores in
            cutoffs.withUnsafeBufferPointer { cutoffs in
                positions.withUnsafeMutableBufferPointer {
                    ScanKernels.reaching(scores.extracting(start..<start + length), cutoffs, into: $0)
                }
            }
        }
        for found in 0..<count {
            let position = Int(positions[found])
            let (query, row) = place(position)
            guard scan.eligible?[row] ?? true, scan.own?[query] != row else { continue }
            let score = scores[start + position]
            candidates[query].take(index: row, score: score.isNaN ? -.infinity : score)
            if scorer.isByRow { cutoffs[query] = candidates[query].cutoff }
        }
    }
}
