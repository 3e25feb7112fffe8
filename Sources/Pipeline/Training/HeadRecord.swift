public import Foundation
public import Retrieval
public import Tensors

/// What is kept beside a head: how it was made and how good it was.
public struct HeadRecord: Sendable, Codable {
    /// The version of this layout.
    public var schema = Self.currentSchema
    /// The head's name in its store.
    public let name: String
    /// The space whose features it takes.
    public let space: Fingerprint
    /// SHA-256 of `head.safetensors`.
    public let head: Fingerprint
    /// Dimensions of features and embeddings.
    public let inputDimension, outputDimension: Int
    /// How it was trained.
    public let settings: HeadTrainer.Settings
    /// The batch size that the number of classes allowed.
    public let batchSize: Int
    /// Chunks in a pool where the features did not stay in memory.
    public let chunksPerPool: Int?
    /// How many looks at each picture were trained on; nil in records of earlier versions.
    public let views: Int?
    /// Pictures trained on and held out.
    public let trainingCount, heldOutCount: Int
    /// What the head is: an epoch of training, or what training began with.
    public let kept: KeptHead
    /// The shrinkage of the whitening projection; nil for another one or none.
    public let shrinkage: Double?
    /// How pictures were held out.
    public let validation: ValidationChoice
    /// The epochs, the state before training first.
    public let epochs: [EpochReport]
    /// The mean loss of each epoch.
    public let losses: [Float]
    /// Retrieval among held-out pictures with the raw features, with the projection that training began with, and with the
    /// head; nil where none were held out, and without a projection.
    public let before, projection, after: RetrievalMetrics?
    /// The same for held-out pairs, of a head that was trained on scored pairs.
    public var pairs: PairComparison?
    /// When training ended.
    public let finished: Date
    /// SHA-256 of the canonical JSON of all other fields.
    public var checksum: Fingerprint?

    /// The version that is written.
    public static let currentSchema = 2

    /// What `checksum` has to be.
    public var expectedChecksum: Fingerprint? {
        var copy = self
        copy.checksum = nil
        // Dates as they are read back, to whole digits.
        return try? Fingerprint(ofCanonicalJSON: copy)
    }

    /// Whether the head finds held-out pictures better than the raw features do, by MAP@R, or those of pairs by Spearman's correlation; false where nothing was held out.
    public var beatsRawFeatures: Bool {
        if let pairs { return pairs.after.spearman > pairs.before.spearman }
        guard let before, let after else { return false }
        return after.meanAveragePrecisionAtR > before.meanAveragePrecisionAtR
    }

    /// Whether the head finds held-out pictures worse than the raw features do, by the same; false where nothing was held out.
    public var isWorseThanRawFeatures: Bool {
        if let pairs { return pairs.after.spearman < pairs.before.spearman }
        guard let before, let after else { return false }
        return after.meanAveragePrecisionAtR < before.meanAveragePrecisionAtR
    }
}
