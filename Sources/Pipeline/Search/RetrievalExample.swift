import MetricLearning
import Retrieval
import Tensors

/// What a query finds before and after training.
public struct RetrievalExample: Sendable, Hashable, Codable {
    /// The query's path.
    public let query: String
    /// Its label.
    public let label: String
    /// The nearest pictures with the raw features, best first, and those with the head.
    public let before, after: [FoundPicture]

    /// How many pictures a query finds.
    static let neighborCount = 5
    /// Keeps apart from other random choices of the same seed.
    private static let stream: UInt64 = 6

    /// Examples of `count` of the queries, which `seed` decides, in the order of their rows: `features` has a row for each of
    /// `sets.rows`, and so have `labels` and `pictures`.
    static func examples(
        _ count: Int, of sets: EvaluationSets, features: Matrix, head: ProjectionHead, labels: [String],
        pictures: [(path: String, content: Fingerprint)], seed: UInt64
    ) -> [RetrievalExample] {
        var generator = SeededGenerator(seed: seed, stream: stream)
        let chosen = generator.permutation(sets.queries.count).prefix(count).sorted()
        func neighbors(_ vectors: Matrix) -> [[FoundPicture]] {
            let index = ExactIndex(vectors.rows(at: sets.index))
            let queries = vectors.rows(at: chosen.map { sets.queries[$0] })
            return index.search(queries, k: neighborCount, excluding: chosen.map { sets.own[$0] }).map { found in
                found.enumerated().map { position, neighbor in
                    let row = sets.index[neighbor.index]
                    return FoundPicture(
                        rank: position + 1, score: neighbor.score, label: labels[row], path: pictures[row].path,
                        id: pictures[row].content)
                }
            }
        }
        let (before, after) = (neighbors(features), neighbors(head.embeddings(of: features)))
        return chosen.enumerated().map { position, query in
            let row = sets.queries[query]
            return RetrievalExample(
                query: pictures[row].path, label: labels[row], before: before[position], after: after[position])
        }
    }
}
