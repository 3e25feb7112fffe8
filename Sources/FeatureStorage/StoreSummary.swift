public import Tensors

/// What a store holds in one feature space.
public struct SpaceSummary: Sendable, Hashable {
    /// The space.
    public let space: FeatureSpace
    /// Distinct contents with a feature: the rows that `FeatureStore.readFeatures(in:)` gives.
    public let rows: Int
    /// Rows that take space and do not count: garbage.
    public let deadRows: Int
    /// Chunks with features.
    public let chunks: Int
    /// Bytes of the features as encoded.
    public let payloadBytes: Int
    /// Bytes of all blocks: headers, content hashes, features, listing changes and padding.
    public let storedBytes: Int
    /// Bytes that the rows would take as `Float`: `rows * dimension * 4`.
    public let rawBytes: Int
    /// Listed pictures whose content has a feature.
    public let pictures: Int
    /// Files that gave no feature.
    public let failures: Int
}

/// What a store holds in all.
public struct StoreSummary: Sendable, Hashable {
    /// The store's own identifier, 32 hexadecimal digits.
    public let uuid: String
    /// Listed pictures.
    public let pictures: Int
    /// Distinct contents among the listed pictures.
    public let contents: Int
    /// Listed pictures by label.
    public let labels: [String: Int]
    /// Listed pictures by split, those with one.
    public let splits: [String: Int]
    /// Listed pictures without a label.
    public let unlabeled: Int
    /// Failures in all spaces.
    public let failures: Int
    /// Number of segment files.
    public let segments: Int
    /// Bytes of the segments that the index accounts for.
    public let segmentBytes: Int
    /// Bytes of the index.
    public let indexBytes: Int
}

/// Every feature of a space, once for each content.
public struct FeatureTable: Sendable, Hashable {
    /// The contents, in storage order.
    public let contents: [Fingerprint]
    /// The features, shape `[contents.count, dimension]`.
    public let features: Matrix
}
