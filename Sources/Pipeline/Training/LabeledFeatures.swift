public import FeatureStorage
public import Tensors

/// The labelled part of a space in memory: each content once, with the label of the first path that lists it.
/// `FeatureDataset` is the same without the features.
public struct LabeledFeatures: Sendable {
    /// One feature a row, shape `[count, dimension]`.
    public let features: Matrix
    /// One class number a row, `0..<classNames.count`.
    public let labels: [Int]
    /// The classes' names, sorted.
    public let classNames: [String]
    /// The first path of each row's content.
    public let paths: [String]
    /// Each row's content.
    public let contents: [Fingerprint]
    /// Contents left out because no path gives them a label.
    public let unlabeled: Int
    /// Contents that are listed under two labels or more; the one of the first path, bytewise, counts.
    public let conflicting: Int

    /// Reads the space's features and labels from `store`, in the order of the paths, so that the same pictures give the
    /// same rows whatever the order in which they were extracted.
    public init(store: FeatureStore, space: FeatureSpace) throws {
        let listed = try ListedFeatures(store: store, space: space)
        let found = ContentLabels(
            PictureLabels(listed.pictures.map(\.label)), rows: listed.rows.map { Int32($0) },
            rowCount: listed.table.features.rows)
        classNames = found.classNames
        labels = found.entries.map(\.label)
        paths = found.entries.map { listed.pictures[$0.picture].path }
        contents = found.entries.map { listed.pictures[$0.picture].content }
        features = listed.table.features.rows(at: found.entries.map { listed.rows[$0.picture] })
        unlabeled = found.unlabeled
        conflicting = found.conflicting
    }

    /// The number of rows.
    public var count: Int { labels.count }

    /// The rows of the pictures in `set`, ascending; `store` has the listing. Throws `InputError` as `PictureSet.contents` does, and
    /// where none of them has a label.
    public func rows(in set: PictureSet, of store: FeatureStore, space: FeatureSpace) throws -> [Int] {
        let wanted = try set.contents(in: store.pictures(in: space))
        let rows = contents.indices.filter { wanted.contains(contents[$0]) }
        guard !rows.isEmpty else { throw set.withoutLabels }
        return rows
    }
}
