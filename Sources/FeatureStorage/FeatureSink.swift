public import Tensors

/// What stage one writes features to: one space of a store (`FeatureStoreWriter`), or several at once
/// (`MultiSpaceWriter`).
public protocol FeatureSink: ~Copyable {
    /// How many values a feature has; with several spaces those of all, one after the other.
    var dimension: Int { get }
    /// The contents that have a feature in every space.
    func contents() -> Set<Fingerprint>
    /// The committed pictures that came from the listing of `root`, and those at `paths`, whatever they came from.
    func knownPictures(under root: String, orAt paths: some Sequence<String>) throws -> [PictureEntry]
    /// The committed failures, in every space, of files from the listing of `root`.
    func knownFailures(under root: String) throws -> [FailureEntry]
    /// Appends a feature of `dimension` values and records its picture.
    mutating func append(feature: ArraySlice<Float>, of picture: PictureEntry) throws
    /// Records a picture whose content is stored already.
    mutating func record(_ picture: PictureEntry) throws
    /// Records a file that gave no feature.
    mutating func recordFailure(_ failure: FailureEntry) throws
    /// Takes pictures and failures out of the listing.
    mutating func remove(paths: [String]) throws
    /// Makes everything durable that was taken in.
    mutating func commit() throws
}

extension FeatureStoreWriter: FeatureSink {
    /// How many values a feature of the space has.
    public var dimension: Int { space.dimension }
}
