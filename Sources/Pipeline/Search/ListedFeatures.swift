public import FeatureStorage
import Tensors

/// The listed pictures of a space joined with their features.
public struct ListedFeatures: Sendable {
    /// Every feature of the space once, listed or not.
    public let table: FeatureTable
    /// The listed pictures that have a feature, in the order of their paths' bytes.
    public let pictures: [StoredPicture]
    /// For each picture the row of its feature in `table`; copies of one content share a row.
    public let rows: [Int]

    /// Reads the space. Throws as `FeatureStore.readFeatures(in:)` does.
    public init(store: FeatureStore, space: FeatureSpace) throws {
        let table = try store.readFeatures(in: space)
        let rowOfContent = Dictionary(uniqueKeysWithValues: table.contents.enumerated().map { ($1, $0) })
        // A build may have committed more between the two reads.
        pictures = try store.pictures(in: space).filter { rowOfContent[$0.content] != nil }
        rows = pictures.compactMap { rowOfContent[$0.content] }
        self.table = table
    }
}
