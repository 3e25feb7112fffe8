import Foundation
import Tensors
import Testing

@testable import Retrieval

@Suite("Retrieval metrics")
struct RetrievalMetricsTests {
    @Test("follow their definitions on a ranking written by hand")
    func byHand() {
        // Relevant at ranks 2, 3 and 6; R = 3.
        let outcome = RelevantRanks([2, 3, 6])
        #expect(outcome.hits(in: 1) == 0 && outcome.hits(in: 3) == 2 && outcome.hits(in: 100) == 3)
        #expect(abs(outcome.averagePrecision - (1.0 / 2 + 2.0 / 3 + 3.0 / 6) / 3) < 1e-12)
        #expect(abs(outcome.rPrecision - 2.0 / 3) < 1e-12)
        #expect(abs(outcome.averagePrecisionAtR - (1.0 / 2 + 2.0 / 3) / 3) < 1e-12)
        let metrics = RetrievalMetrics([outcome, RelevantRanks([1])], loneQueries: 4)
        #expect(metrics.precisionAt1 == 0.5 && metrics.recallAt1 == 0.5)
        #expect(metrics.recallAt5 == 1 && metrics.meanReciprocalRank == 0.75)
        #expect(metrics.queries == 2 && metrics.loneQueries == 4)
        let late = RetrievalMetrics(
            [RelevantRanks([7]), RelevantRanks([11])], loneQueries: 0)
        #expect(late.recallAt5 == 0 && late.recallAt10 == 0.5 && late.meanAveragePrecisionAtR == 0)
    }

    @Test("have stable names in JSON")
    func names() throws {
        let metrics = RetrievalMetrics([RelevantRanks([2, 3, 6])], loneQueries: 1)
        let data = try CanonicalJSON.encode(metrics)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Any])
        #expect(
            Set(object.keys) == [
                "precision@1", "recall@1", "recall@5", "recall@10", "r_precision", "map@r", "map", "mrr", "at",
                "finetuner",
                "queries", "lone_queries",
            ])
        #expect(object["mrr"] as? Double == 0.5 && object["recall@5"] as? Double == 1)
        #expect(try JSONDecoder().decode(RetrievalMetrics.self, from: data) == metrics)
    }

    @Test("at a cutoff follow their definitions on a ranking written by hand")
    func cutoffs() throws {
        let metrics = RetrievalMetrics([RelevantRanks([2, 3, 6])], loneQueries: 0)
        let five = try #require(metrics.cutoffs?.first { $0.k == 5 })
        #expect(five.precision == 2.0 / 5 && five.recall == 2.0 / 3 && five.hit == 1)
        #expect(abs(five.f1 - 2 * (2.0 / 5) * (2.0 / 3) / (2.0 / 5 + 2.0 / 3)) < 1e-12)
        let gain = 1 / log2(3.0) + 1 / log2(4.0)
        #expect(abs(five.dcg - gain) < 1e-12 && abs(five.ndcg - gain / (1 + 1 / log2(3.0) + 1 / log2(4.0))) < 1e-12)
    }

    @Test("are monitored by their names")
    func monitored() throws {
        let metrics = RetrievalMetrics([RelevantRanks([2, 3, 6]), RelevantRanks([1])], loneQueries: 0)
        let expected: [(String, Double)] = [
            ("map@r", metrics.meanAveragePrecisionAtR), ("mrr", 0.75), ("precision@1", 0.5), ("recall@5", 1),
            ("hit@5", 1),
            ("r-precision", metrics.rPrecision), ("loss", 3),
        ]
        for (name, value) in expected {
            #expect(try MonitoredMetric(name).value(of: metrics, loss: 3) == value)
            #expect(try MonitoredMetric(name).description == name)
        }
        for name in ["map", "f1@10", "ndcg@20"] {
            #expect(try MonitoredMetric(name).value(of: metrics, loss: nil) != nil)
        }
        #expect(try MonitoredMetric("loss").value(of: metrics, loss: nil) == nil)
        #expect(try !MonitoredMetric("loss").isLargerBetter && MonitoredMetric("map").isLargerBetter)
        for name in ["", "MAP", "precision", "precision@", "precision@3", "precision@+5", "precision@5@5", "@5"] {
            #expect(throws: InputError.self) { try MonitoredMetric(name) }
        }
    }
}
