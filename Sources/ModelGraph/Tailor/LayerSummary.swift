import Tensors

/// A row of a network's listing.
public struct LayerSummary: Sendable, Hashable, Codable {
    /// Whether a layer stays when the network is cut.
    public enum State: String, Sendable, Hashable, Codable {
        /// It is computed once for each picture and never trained.
        case frozen
        /// It is chopped off; a projection head takes its place.
        case removed
    }

    /// Its number, from 0.
    public let index: Int
    /// The name to cut by.
    public let name: String
    /// What it is, as torch.nn calls it: `Conv2d`, `BatchNorm2d`, `Linear`; words such as `Add`, `Affine` and `GeM` where
    /// torch has no module.
    public let type: String
    /// The shape of its result for one picture: `[channels, height, width]` or `[length]`.
    public let outputShape: [Int]
    /// The numbers that training would change, as torch counts `parameters()`: weights and biases, and the scale and shift
    /// of a batch normalization, not its running statistics.
    public let parameterCount: Int
    /// Whether it is fully connected.
    public let isDense: Bool
    /// Whether its result is a vector, shape `[batch, length]`, and so can be an embedding as it is. Other layers can be
    /// the cut too; their feature map is then pooled.
    public let isEmbeddingCandidate: Bool
    /// Whether it stays.
    public let state: State

    /// Whether it stays, frozen, when the network is cut.
    public var isFrozen: Bool { state == .frozen }
}

extension Operation {
    /// What torch.nn calls a layer of this kind.
    var typeName: String {
        switch self {
        case .convolution: "Conv2d"
        case .batchNormalization(let normalization): normalization.isAffine ? "Affine" : "BatchNorm2d"
        case .activation(let activation): activation.typeName
        case .maxPool: "MaxPool2d"
        case .averagePool: "AvgPool2d"
        case .globalPool(.average): "AdaptiveAvgPool2d"
        case .globalPool(.max): "AdaptiveMaxPool2d"
        case .globalPool(.generalizedMean): "GeM"
        case .arithmetic(.add): "Add"
        case .arithmetic(.subtract): "Subtract"
        case .arithmetic(.multiply): "Multiply"
        case .arithmetic(.divide): "Divide"
        case .concatenate: "Concatenate"
        case .slice: "Slice"
        case .channelShuffle: "ChannelShuffle"
        case .flatten: "Flatten"
        case .reshape: "Unflatten"
        case .softmax: "Softmax"
        case .linear: "Linear"
        case .identity: "Identity"
        }
    }

    /// How many numbers training would change.
    var parameterCount: Int {
        let trained = if case .batchNormalization = self { tensors.prefix(2) } else { tensors[...] }
        return trained.reduce(0) { $0 + $1.elements.count }
    }

    /// Whether it is a fully connected layer.
    var isDense: Bool {
        if case .linear = self { true } else { false }
    }
}
