/// How batches are drawn.
public enum SamplerChoice: String, Sendable, Hashable, Codable, CaseIterable {
    /// `class` for losses that compare pictures of a class with each other, `random` for those with weights for classes.
    case auto
    /// Several pictures of each class that is in a batch, each class equally often: `MPerClassSampler`.
    case `class`
    /// As they come, each class as often as it is: `RandomSampler`.
    case random

    /// What `auto` means for a loss.
    public func resolved(for loss: ComponentDescription) throws -> SamplerChoice {
        guard self == .auto else { return self }
        return try LossCatalog.needsSeveralPerClass(loss) ? .class : .random
    }
}
