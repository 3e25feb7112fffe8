/// What a head begins with.
public enum HeadKind: String, Sendable, Hashable, Codable, CaseIterable {
    /// Layers that correct a whitening projection and begin with no correction.
    case residual
    /// Layers alone with random weights: Finetuner's projection head. It forgets what the frozen features say of classes that
    /// it is not trained on.
    case plain

    /// The step size that suits the kind: a head that is good from the beginning has to move less.
    public var learningRate: Double {
        switch self {
        case .residual: 1e-4
        case .plain: 1e-3
        }
    }
}
