public import Foundation
public import Retrieval
public import Tensors

/// What is kept beside a head: how it was made and how good it was.
public struct HeadRecord: Sendable, Codable {
    /// The version of this layout.
    public var schema = 1
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
    /// Pictures trained on and held out.
    public let trainingCount, heldOutCount: Int
    /// The mean loss of each epoch.
    public let losses: [Float]
    /// Retrieval among held-out pictures without and with the head; nil where none were held out.
    public let before, after: RetrievalMetrics?
    /// When training ended.
    public let finished: Date
    /// SHA-256 of the canonical JSON of all other fields.
    public var checksum: Fingerprint?

    /// What `checksum` has to be.
    public var expectedChecksum: Fingerprint? {
        var copy = self
        copy.checksum = nil
        // Dates as they are read back, to whole digits.
        return try? Fingerprint(ofCanonicalJSON: copy)
    }

    /// Whether the head finds held-out pictures better than the raw features do, by MAP@R; false where nothing was held out.
    public var beatsRawFeatures: Bool {
        guard let before, let after else { return false }
        return after.meanAveragePrecisionAtR > before.meanAveragePrecisionAtR
    }

    /// Whether the head finds held-out pictures worse than the raw features do, by MAP@R; false where nothing was held out.
    public var isWorseThanRawFeatures: Bool {
        guard let before, let after else { return false }
        return after.meanAveragePrecisionAtR < before.meanAveragePrecisionAtR
    }
}
