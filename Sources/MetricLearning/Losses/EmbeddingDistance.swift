/// How far apart two embeddings are. The names and conventions are pytorch-metric-learning's.
public enum EmbeddingDistance: Sendable, Hashable {
    /// `LpDistance(p=2, power=1)`: the length of the difference; of unit vectors where `normalized`, in `[0, 2]`.
    case euclidean(normalized: Bool)
    /// `LpDistance(p=2, power=2)`: the square of the same.
    case squaredEuclidean(normalized: Bool)
    /// `CosineSimilarity`: larger is nearer, so margins are taken from the negated value.
    case cosine

    var isNormalized: Bool {
        switch self {
        case .euclidean(let normalized), .squaredEuclidean(let normalized): normalized
        case .cosine: true
        }
    }
}
