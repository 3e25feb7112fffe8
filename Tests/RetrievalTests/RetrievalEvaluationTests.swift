import GoldenData
import Tensors
import Testing

@testable import Retrieval

@Suite("The evaluation of a retrieval")
struct RetrievalEvaluationTests {
    private func labels(_ count: Int, classes: Int, seed: UInt64) -> [Int] {
        var generator = SeededGenerator(seed: seed)
        return (0..<count).map { _ in generator.index(below: classes) * 5 - 3 }
    }

    /// The metrics from full sorts.
    private func naive(
        _ queries: Matrix, _ queryLabels: [Int], _ index: Matrix, _ indexLabels: [Int], own: (Int) -> Int? = { $0 }
    ) -> RetrievalMetrics {
        let outcomes = (0..<queries.rows).compactMap { query -> RelevantRanks? in
            let ranking = NaiveRetrieval.ranking(queries, query, index, excluding: own(query))
            let ranks = ranking.indices.filter { indexLabels[ranking[$0]] == queryLabels[query] }.map { $0 + 1 }
            return ranks.isEmpty ? nil : RelevantRanks(ranks)
        }
        return RetrievalMetrics(outcomes, loneQueries: queries.rows - outcomes.count)
    }

    @Test("within one set is that of full sorts, whatever the block size", arguments: [1, 300, 1 << 24])
    func sameSet(blockCapacity: Int) throws {
        let embeddings = Matrix.randomWithDuplicates(150, 6, seed: 4)
        let labels = labels(150, classes: 40, seed: 7)
        let metrics = try EvaluatedRetrieval(
            queries: embeddings, queryLabels: labels, index: embeddings, indexLabels: labels,
            own: labels.indices.map { $0 }, blockCapacity: blockCapacity
        ).metrics
        #expect(metrics == naive(embeddings, labels, embeddings, labels))
        #expect(metrics.loneQueries > 0)
    }

    @Test("of queries against another set is that of full sorts", arguments: [1, 1 << 24])
    func twoSets(blockCapacity: Int) throws {
        let (queries, index) = (Matrix.random(70, 6, seed: 4), Matrix.randomWithDuplicates(90, 6, seed: 5))
        let (queryLabels, indexLabels) = (labels(70, classes: 30, seed: 1), labels(90, classes: 25, seed: 2))
        let metrics = try EvaluatedRetrieval(
            queries: queries, queryLabels: queryLabels, index: index, indexLabels: indexLabels,
            own: queryLabels.map { _ in nil }, blockCapacity: blockCapacity
        ).metrics
        #expect(metrics == naive(queries, queryLabels, index, indexLabels) { _ in nil })
        #expect(metrics.loneQueries > 0)
    }

    @Test("of queries of which some are in the index themselves is that of full sorts")
    func overlap() throws {
        let index = Matrix.randomWithDuplicates(90, 6, seed: 5)
        let indexLabels = labels(90, classes: 30, seed: 2)
        let rows = [4, 80, 17, 30, 2, 66]
        let own: [Int?] = [4, nil, 17, nil, 2, 66]
        let (queries, queryLabels) = (index.rows(at: rows), rows.map { indexLabels[$0] })
        let metrics = try RetrievalMetrics.evaluate(
            queries: queries, queryLabels: queryLabels, index: index, indexLabels: indexLabels, own: own)
        #expect(metrics == naive(queries, queryLabels, index, indexLabels) { own[$0] })
    }

    @Test("survives embeddings that are not finite")
    func notFinite() throws {
        var embeddings = Matrix.random(30, 4, seed: 4)
        for row in [3, 17] { embeddings[row, 1] = .nan }
        let labels = (0..<30).map { $0 % 3 }
        let metrics = try RetrievalMetrics.evaluate(embeddings, labels: labels)
        #expect(metrics == naive(embeddings, labels, embeddings, labels))
    }

    @Test("refuses a set in which nothing can be found")
    func nothingToFind() {
        let embeddings = Matrix.random(3, 2, seed: 1)
        for (queryLabels, own) in [([0, 1, 2], [0, 1, 2]), ([7, 8, 9], nil), ([7, 8, 9], [0, 1, 2])]
            as [([Int], [Int?]?)]
        {
            #expect(throws: InputError.self) {
                _ = try RetrievalMetrics.evaluate(
                    queries: embeddings, queryLabels: queryLabels, index: embeddings, indexLabels: [0, 1, 2],
                    own: own)
            }
        }
    }

    private struct Golden: Decodable {
        struct Standard: Decodable {
            let recall_at_1_hit, hit_at_5: Double
        }
        struct Reference: Decodable {
            let mean_average_precision, mean_average_precision_at_r, mean_reciprocal_rank, precision_at_1,
                r_precision: Double
        }
        struct Lists: Decodable { let hit_at_k: Mean }
        struct Mean: Decodable { let mean: Double }
        let x: [[Float]]
        let y: [Int]
        let ranking: [[Int]]
        let standard: Standard
        let pml: Reference
        let finetuner_limit20_k5: Lists
    }

    @Test(
        "gives pytorch-metric-learning's numbers and ranking",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func golden() throws {
        let golden: Golden = try GoldenData.json("metric-learning/metrics.json")
        let embeddings = Matrix(rows: 30, columns: 8, elements: golden.x.flatMap { $0 })
        let found = ExactIndex(embeddings).search(embeddings, k: 29, excluding: Array(0..<30))
        #expect(found.map { $0.map(\.index) } == golden.ranking)
        let metrics = try RetrievalMetrics.evaluate(embeddings, labels: golden.y)
        let pairs = [
            (metrics.precisionAt1, golden.pml.precision_at_1), (metrics.rPrecision, golden.pml.r_precision),
            (metrics.meanAveragePrecisionAtR, golden.pml.mean_average_precision_at_r),
            (metrics.meanReciprocalRank, golden.pml.mean_reciprocal_rank),
            (metrics.recallAt1, golden.standard.recall_at_1_hit), (metrics.recallAt5, golden.standard.hit_at_5),
            (metrics.recallAt5, golden.finetuner_limit20_k5.hit_at_k.mean),
        ]
        for (actual, expected) in pairs { #expect(abs(actual - expected) < 1e-7) }
        #expect(try abs(#require(metrics.meanAveragePrecision) - golden.pml.mean_average_precision) < 1e-7)
        #expect(metrics.queries == 30 && metrics.loneQueries == 0)
    }

    private struct ListGolden: Decodable {
        struct Values: Decodable {
            let mean: Double
            let per_query: [Double]
        }
        let ranking: [[Int]]
        let y: [Int]
        let finetuner_limit20_k20, finetuner_limit20_k5: [String: Values]
    }

    @Test(
        "gives Finetuner's numbers over its list of 20, query by query",
        .enabled(if: GoldenData.isPresent, Comment(rawValue: GoldenData.missing)))
    func lists() throws {
        let golden: ListGolden = try GoldenData.json("metric-learning/metrics.json")
        let queries = golden.ranking.enumerated().map { query, items in
            RelevantRanks(items.enumerated().filter { golden.y[$0.element] == golden.y[query] }.map { $0.offset + 1 })
        }
        for (k, expected) in [(20, golden.finetuner_limit20_k20), (5, golden.finetuner_limit20_k5)] {
            func values(_ metrics: ListMetrics) -> [String: Double] {
                [
                    "precision_at_k": metrics.precision, "recall_at_k": metrics.recall, "f1_score_at_k": metrics.f1,
                    "hit_at_k": metrics.hit, "average_precision": metrics.averagePrecision,
                    "reciprocal_rank": metrics.reciprocalRank, "r_precision": metrics.rPrecision,
                    "dcg_at_k": metrics.dcg, "ndcg_at_k": metrics.ndcg,
                ]
            }
            #expect(Set(expected.keys) == Set(values(ListMetrics(k, queries)).keys))
            for (name, value) in values(ListMetrics(k, queries)) {
                #expect(abs(value - (expected[name]?.mean ?? .nan)) < 1e-7, "\(name) at \(k)")
            }
            for (query, ranks) in queries.enumerated() {
                for (name, value) in values(ListMetrics(k, [ranks])) {
                    #expect(abs(value - (expected[name]?.per_query[query] ?? .nan)) < 1e-7, "\(name) of query \(query)")
                }
            }
        }
    }
}
