import Foundation
import Tensors
import Testing

@testable import Retrieval

@Suite("Retrieval metrics")
struct RetrievalMetricsTests {
    @Test("follow their definitions on a ranking written by hand")
    func byHand() {
        // Relevant at ranks 2, 3 and 6; R = 3.
        let outcome = QueryOutcome(relevantRanks: [2, 3, 6])
        #expect(outcome.firstRank == 2)
        #expect(abs(outcome.rPrecision - 2.0 / 3) < 1e-12)
        #expect(abs(outcome.averagePrecisionAtR - (1.0 / 2 + 2.0 / 3) / 3) < 1e-12)
        let metrics = RetrievalMetrics([outcome, QueryOutcome(relevantRanks: [1])], loneQueries: 4)
        #expect(metrics.precisionAt1 == 0.5 && metrics.recallAt1 == 0.5)
        #expect(metrics.recallAt5 == 1 && metrics.meanReciprocalRank == 0.75)
        #expect(metrics.queries == 2 && metrics.loneQueries == 4)
        let late = RetrievalMetrics(
            [QueryOutcome(relevantRanks: [7]), QueryOutcome(relevantRanks: [11])], loneQueries: 0)
        #expect(late.recallAt5 == 0 && late.recallAt10 == 0.5 && late.meanAveragePrecisionAtR == 0)
    }

    @Test("have stable names in JSON")
    func names() throws {
        let metrics = RetrievalMetrics([QueryOutcome(relevantRanks: [2, 3, 6])], loneQueries: 1)
        let data = try CanonicalJSON.encode(metrics)
        let object = try #require(try JSONSerialization.jsonObject(with: data) as? [String: Double])
        #expect(
            Set(object.keys) == [
                "precision@1", "recall@1", "recall@5", "recall@10", "r_precision", "map@r", "mrr", "queries",
                "lone_queries",
            ])
        #expect(object["mrr"] == 0.5 && object["recall@5"] == 1)
        #expect(try JSONDecoder().decode(RetrievalMetrics.self, from: data) == metrics)
    }
}
