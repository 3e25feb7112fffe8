/// How the feature map at a cut becomes a vector: one value a channel.
public enum PoolingMode: String, Sendable, Hashable, Codable, CaseIterable {
    /// The mean.
    case avg
    /// The largest value.
    case max
    /// Generalized mean with exponent 3 and epsilon 1e-6, the defaults of filipradenovic/cnnimageretrieval-pytorch.
    case gem

    /// The layer that computes it.
    public var operation: GlobalPool {
        switch self {
        case .avg: .average
        case .max: .max
        case .gem: .generalizedMean(exponent: 3, epsilon: 1e-6)
        }
    }
}
