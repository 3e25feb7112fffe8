import Foundation
import Tensors
import Testing

@testable import Retrieval

@Suite("An evaluation query by query")
struct EvaluatedRetrievalTests {
    /// Queries whose first relevant item is at a rank of `firsts`, with one relevant item each.
    private func evaluated(_ firsts: [Int], labels: [Int]? = nil) -> EvaluatedRetrieval {
        EvaluatedRetrieval(
            queries: Array(firsts.indices), labels: labels ?? firsts.map { _ in 0 },
            ranks: firsts.map { RelevantRanks([$0]) }, loneQueries: 0)
    }

    @Test("has the metrics of each class, whose mean is that of all")
    func classes() throws {
        var generator = SeededGenerator(seed: 2)
        let labels = (0..<80).map { _ in generator.index(below: 6) * 2 }
        let embeddings = Matrix.randomWithDuplicates(80, 5, seed: 3)
        let found = try EvaluatedRetrieval(
            queries: embeddings, queryLabels: labels, index: embeddings, indexLabels: labels,
            own: labels.indices.map { $0 })
        #expect(found.metrics == (try RetrievalMetrics.evaluate(embeddings, labels: labels)))
        #expect(Set(found.byClass.keys) == Set(labels))
        let sum = found.byClass.values.reduce(0) { $0 + $1.meanAveragePrecisionAtR * Double($1.queries) }
        #expect(abs(sum / 80 - found.metrics.meanAveragePrecisionAtR) < 1e-12)
        for (label, metrics) in found.byClass {
            let rows = labels.indices.filter { labels[$0] == label }
            let alone = try RetrievalMetrics.evaluate(
                queries: embeddings.rows(at: rows), queryLabels: rows.map { labels[$0] }, index: embeddings,
                indexLabels: labels, own: rows.map { $0 })
            #expect(metrics == alone)
        }
    }

    @Test("has intervals as wide as a mean of so many queries is uncertain, and the same for the same seed")
    func intervals() throws {
        let hits = (0..<400).map { $0 % 4 == 0 ? 3 : 1 }
        let found = evaluated(hits)
        let intervals = found.intervals(samples: 2000)
        let interval = try #require(intervals["precision@1"])
        // The normal interval of a share p of n queries is p ± 1.96 sqrt(p (1 - p) / n).
        let half = 1.96 * (0.75 * 0.25 / 400).squareRoot()
        #expect(abs(interval.lowerBound - (0.75 - half)) < 0.006 && abs(interval.upperBound - (0.75 + half)) < 0.006)
        #expect(intervals["recall@5"] == 1...1 && intervals["nothing"] == nil)
        #expect(found.intervals(samples: 2000) == intervals && found.intervals(samples: 2000, seed: 1) != intervals)
        let narrow = try #require(found.intervals(level: 0.5, samples: 2000)["precision@1"])
        #expect(narrow.lowerBound > interval.lowerBound && narrow.upperBound < interval.upperBound)
    }

    @Test("has intervals of changes, in which what both find does not count")
    func changes() throws {
        let before = (0..<400).map { $0 % 2 == 0 ? 3 : 1 }
        var after = before
        for query in 0..<20 { after[2 * query] = 1 }
        let (old, new) = (evaluated(before), evaluated(after))
        let change = try #require(new.intervals(ofChangesFrom: old)["precision@1"])
        #expect(change.contains(0.05) && change.lowerBound > 0.02 && change.upperBound < 0.08)
        #expect(old.intervals(ofChangesFrom: old)["map@r"] == 0...0)
    }

    @Test("takes quantiles as NumPy does")
    func quantiles() {
        // numpy.quantile([1, 2, 4, 8], [0, 0.025, 0.5, 0.9, 1])
        let values: [Double] = [1, 2, 4, 8]
        for (part, expected) in [(0, 1), (0.025, 1.075), (0.5, 3), (0.9, 6.8), (1, 8)] {
            #expect(abs(MetricIntervals.quantile(part, of: values) - expected) < 1e-12)
        }
        #expect(MetricIntervals.quantile(0.3, of: [7]) == 7)
    }
}
