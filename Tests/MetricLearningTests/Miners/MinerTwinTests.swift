import Tensors
import Testing

@testable import MetricLearning

/// Miners against sets written down plainly in `Double`, on points of a coarse grid: their squared distances and dot products are
/// whole numbers, so that ties are ties and bounds are met exactly.
@Suite("Miners and their twins")
struct MinerTwinTests {
    struct Batch: Sendable, CustomTestStringConvertible {
        let name: String
        let embeddings: Matrix
        let labels: [Int]
        /// What the anchors are compared with; nil for each other.
        var references: (embeddings: Matrix, labels: [Int], own: [Int?])?
        var testDescription: String { name }

        init(_ name: String, rows: Int, classes: Int, references: Int? = nil, seed: UInt64) {
            var generator = SeededGenerator(seed: seed)
            func grid(_ rows: Int) -> Matrix {
                Matrix(
                    rows: rows, columns: 3, elements: (0..<rows * 3).map { _ in Float(generator.index(below: 4)) - 1 })
            }
            func labels(_ rows: Int) -> [Int] { (0..<rows).map { _ in generator.index(below: classes) * 3 - 1 } }
            (self.name, embeddings, self.labels) = (name, grid(rows), labels(rows))
            guard let references else { return }
            var (memory, memoryLabels) = (grid(references), labels(references))
            // The anchors' own copies stand backwards at the end; the first has none.
            let own: [Int?] = (0..<rows).map { $0 == 0 ? nil : references - $0 }
            for (row, place) in own.enumerated() {
                guard let place else { continue }
                memoryLabels[place] = self.labels[row]
                for column in 0..<3 { memory[place, column] = embeddings[row, column] }
            }
            self.references = (memory, memoryLabels, own)
        }

        var comparison: Comparison {
            guard let references else { return Comparison(batch: labels) }
            return Comparison(labels: labels, referenceLabels: references.labels, own: references.own)
        }

        /// Squared distances, or negated dot products.
        func distances(similarity: Bool) -> Matrix {
            let others = references?.embeddings ?? embeddings
            var values = Matrix(rows: embeddings.rows, columns: others.rows)
            for row in 0..<values.rows {
                for other in 0..<values.columns {
                    for (left, right) in zip(embeddings.row(row), others.row(other)) {
                        values[row, other] += similarity ? -left * right : (left - right) * (left - right)
                    }
                }
            }
            return values
        }
    }

    static let batches = [
        Batch("many ties", rows: 30, classes: 4, seed: 1), Batch("many classes", rows: 24, classes: 14, seed: 2),
        Batch("one class", rows: 9, classes: 1, seed: 3), Batch("one row", rows: 1, classes: 3, seed: 4),
        Batch("classes of one", rows: 12, classes: 1000, seed: 5),
        Batch("a memory", rows: 10, classes: 3, references: 25, seed: 6),
    ]

    /// The tuples of a plain definition, anchor by anchor.
    private func expected(
        _ batch: Batch, _ distances: Matrix,
        _ choose: (_ near: [(Int, Double)], _ far: [(Int, Double)]) -> ([Int], [Int])
    ) -> MinedTuples {
        var (positive, negative): ([AnchoredPair], [AnchoredPair]) = ([], [])
        let comparison = batch.comparison
        for anchor in batch.labels.indices {
            let all = comparison.referenceLabels.indices.filter { $0 != comparison.own[anchor] }
            let near = all.filter { comparison.referenceLabels[$0] == batch.labels[anchor] }
            let far = all.filter { comparison.referenceLabels[$0] != batch.labels[anchor] }
            let (p, n) = choose(
                near.map { ($0, Double(distances[anchor, $0])) }, far.map { ($0, Double(distances[anchor, $0])) })
            positive += p.map { AnchoredPair(anchor: anchor, other: $0) }
            negative += n.map { AnchoredPair(anchor: anchor, other: $0) }
        }
        return .pairs(positive: positive, negative: negative)
    }

    @Test("triplets by their gap", arguments: batches, TripletMarginMiner.Kind.allCases)
    func triplets(batch: Batch, kind: TripletMarginMiner.Kind) {
        let distances = batch.distances(similarity: false)
        for margin in [2, 0, -1] as [Double] {
            let mined = TripletMarginMiner(margin: Float(margin), kind: kind).mine(
                distances: distances, batch.comparison)
            let all = expected(batch, distances) { ($0.map(\.0), $1.map(\.0)) }.triplets
            let wanted = all.filter {
                let gap = Double(distances[$0.anchor, $0.negative]) - Double(distances[$0.anchor, $0.positive])
                switch kind {
                case .all: return gap <= margin
                case .hard: return gap <= margin && gap <= 0
                case .semihard: return gap <= margin && gap > 0
                case .easy: return gap > margin
                }
            }
            #expect(mined == .triplets(wanted))
        }
    }

    @Test("the hardest of each anchor, the first of equals", arguments: batches)
    func hardest(batch: Batch) {
        let distances = batch.distances(similarity: false)
        let wanted = expected(batch, distances) { near, far in
            guard let p = near.map(\.1).max(), let n = far.map(\.1).min() else { return ([], []) }
            return (near.filter { $0.1 == p }.prefix(1).map(\.0), far.filter { $0.1 == n }.prefix(1).map(\.0))
        }
        #expect(BatchHardMiner().mine(distances: distances, batch.comparison) == .triplets(wanted.triplets))
    }

    @Test("one of each side by every pair of strategies", arguments: batches, BatchEasyHardMiner.Strategy.allCases)
    func strategies(batch: Batch, positives: BatchEasyHardMiner.Strategy) throws {
        let distances = batch.distances(similarity: true)
        for negatives in BatchEasyHardMiner.Strategy.allCases {
            guard let miner = try? BatchEasyHardMiner(positives: positives, negatives: negatives) else { continue }
            let wanted = expected(batch, distances) { near, far in
                twin(positives, negatives, near, far)
            }
            #expect(miner.mine(distances: distances, batch.comparison) == wanted, "\(negatives)")
        }
    }

    /// The choice of one anchor: candidates from the most to the least wanted, the first of equals first.
    private func twin(
        _ positives: BatchEasyHardMiner.Strategy, _ negatives: BatchEasyHardMiner.Strategy, _ near: [(Int, Double)],
        _ far: [(Int, Double)]
    ) -> ([Int], [Int]) {
        let nearFirst = { (rows: [(Int, Double)]) in rows.sorted { ($0.1, $0.0) < ($1.1, $1.0) } }
        let farFirst = { (rows: [(Int, Double)]) in rows.sorted { (-$0.1, $0.0) < (-$1.1, $1.0) } }
        var p = positives == .all ? near : Array((positives == .easy ? nearFirst(near) : farFirst(near)).prefix(1))
        var n = negatives == .all ? far : Array((negatives == .easy ? farFirst(far) : nearFirst(far)).prefix(1))
        if positives == .semihard {
            p = n.isEmpty ? [] : Array(farFirst(near.filter { $0.1 < n[0].1 }).prefix(1))
        }
        if negatives == .semihard {
            n = p.isEmpty ? [] : Array(nearFirst(far.filter { $0.1 > p[0].1 }).prefix(1))
        }
        if positives != .all && negatives != .all && (p.isEmpty || n.isEmpty) { return ([], []) }
        return (p.map(\.0), n.map(\.0))
    }

    @Test("pairs nearly in the wrong order", arguments: batches)
    func multiSimilarity(batch: Batch) {
        let distances = batch.distances(similarity: true)
        for epsilon in [0, 1, 3] as [Double] {
            let wanted = expected(batch, distances) { near, far in
                (
                    near.filter { p in far.contains { -p.1 - epsilon < -$0.1 } }.map(\.0),
                    far.filter { n in near.contains { -n.1 + epsilon > -$0.1 } }.map(\.0)
                )
            }
            let miner = MultiSimilarityMiner(epsilon: Float(epsilon))
            #expect(miner.mine(distances: distances, batch.comparison) == wanted)
        }
    }

    @Test("pairs on the wrong side of a margin, of distances and of similarities", arguments: batches, [false, true])
    func margins(batch: Batch, similarity: Bool) {
        let distances = batch.distances(similarity: similarity)
        let wanted = expected(batch, distances) { near, far in
            similarity
                ? (near.filter { -$0.1 < 2 }.map(\.0), far.filter { -$0.1 > 1 }.map(\.0))
                : (near.filter { $0.1 > 2 }.map(\.0), far.filter { $0.1 < 1 }.map(\.0))
        }
        let miner = PairMarginMiner(
            positiveMargin: 2, negativeMargin: 1,
            distance: similarity ? .dotProduct(normalized: false) : .squaredEuclidean(normalized: false))
        #expect(miner.mine(distances: distances, batch.comparison) == wanted)
    }
}
