public import FeatureStorage
public import Tensors

/// The labelled part of a space: each content once, with the label of the first path that lists it.
public struct LabeledFeatures: Sendable {
    /// One feature a row, shape `[count, dimension]`.
    public let features: Matrix
    /// One class number a row, `0..<classNames.count`.
    public let labels: [Int]
    /// The classes' names, sorted.
    public let classNames: [String]
    /// The first path of each row's content.
    public let paths: [String]
    /// Contents left out because no path gives them a label.
    public let unlabeled: Int
    /// Contents that are listed under two labels or more; the one of the first path, bytewise, counts.
    public let conflicting: Int

    /// Reads the space's features and labels from `store`, in the order of the paths, so that the same pictures give the
    /// same rows whatever the order in which they were extracted.
    public init(store: FeatureStore, space: FeatureSpace) throws {
        let listed = try ListedFeatures(store: store, space: space)
        var labelOf: [Int: String] = [:]
        var conflicts: Set<Int> = []
        var order: [(row: Int, path: String)] = []
        for (picture, row) in zip(listed.pictures, listed.rows) {
            guard let label = picture.label else { continue }
            if labelOf[row] == nil {
                labelOf[row] = label
                order.append((row, picture.path))
            } else if labelOf[row] != label {
                conflicts.insert(row)
            }
        }
        classNames = Set(labelOf.values).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, $0) })
        labels = order.compactMap { labelOf[$0.row].flatMap { numbers[$0] } }
        paths = order.map(\.path)
        features = listed.table.features.rows(at: order.map(\.row))
        unlabeled = Set(listed.rows).count - order.count
        conflicting = conflicts.count
    }

    /// The number of rows.
    public var count: Int { labels.count }
}
