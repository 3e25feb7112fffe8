import Tensors

/// How far apart two embeddings are. The names and conventions are pytorch-metric-learning's.
public enum EmbeddingDistance: Sendable, Hashable {
    /// `LpDistance(p=2, power=1)`: the length of the difference; of unit vectors where `normalized`, in `[0, 2]`.
    case euclidean(normalized: Bool)
    /// `LpDistance(p=2, power=2)`: the square of the same.
    case squaredEuclidean(normalized: Bool)
    /// `CosineSimilarity`: larger is nearer, so margins are taken from the negated value.
    case cosine
    /// `DotProductSimilarity`: the same without dividing by the lengths where not `normalized`.
    case dotProduct(normalized: Bool)

    /// Reads `LpDistance(power=2, normalize_embeddings=false)`, `CosineSimilarity` or `DotProductSimilarity`. Throws
    /// `InputError` for anything else.
    public init(_ description: ComponentDescription) throws {
        let normalize = "normalize_embeddings"
        switch description.name {
        case "LpDistance":
            let settings = try ComponentArguments(description, known: ["power", normalize])
            let normalized = try settings.flag(normalize, true)
            let power = try settings.count("power", 1, in: 1...2)
            self = power == 1 ? .euclidean(normalized: normalized) : .squaredEuclidean(normalized: normalized)
        case "CosineSimilarity":
            _ = try ComponentArguments(description, known: [])
            self = .cosine
        case "DotProductSimilarity":
            self = .dotProduct(
                normalized: try ComponentArguments(description, known: [normalize]).flag(normalize, true))
        default:
            throw InputError(
                "distance \(description.name)", "is not known",
                remedy: "Choose LpDistance, CosineSimilarity or DotProductSimilarity.")
        }
    }

    /// Whether embeddings are divided by their lengths first.
    var isNormalized: Bool {
        switch self {
        case .euclidean(let normalized), .squaredEuclidean(let normalized), .dotProduct(let normalized): normalized
        case .cosine: true
        }
    }

    /// Whether larger is nearer, so that its values are negated here.
    var isSimilarity: Bool {
        switch self {
        case .euclidean, .squaredEuclidean: false
        case .cosine, .dotProduct: true
        }
    }
}
