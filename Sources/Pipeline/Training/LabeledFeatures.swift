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
        let table = try store.readFeatures(in: space)
        var rowOf: [Fingerprint: Int] = [:]
        for (row, content) in table.contents.enumerated() { rowOf[content] = row }
        var first: [Fingerprint: (label: String, path: String)] = [:]
        var conflicts: Set<Fingerprint> = []
        var seen: Set<Fingerprint> = []
        var order: [Fingerprint] = []
        for picture in try store.pictures(in: space) where rowOf[picture.content] != nil {
            seen.insert(picture.content)
            guard let label = picture.label else { continue }
            if let known = first[picture.content] {
                if known.label != label { conflicts.insert(picture.content) }
            } else {
                first[picture.content] = (label, picture.path)
                order.append(picture.content)
            }
        }
        classNames = Set(first.values.map(\.label)).sorted()
        let numbers = Dictionary(uniqueKeysWithValues: classNames.enumerated().map { ($1, $0) })
        labels = order.compactMap { first[$0].flatMap { numbers[$0.label] } }
        paths = order.compactMap { first[$0]?.path }
        features = table.features.rows(at: order.compactMap { rowOf[$0] })
        unlabeled = seen.count - order.count
        conflicting = conflicts.count
    }

    /// The number of rows.
    public var count: Int { labels.count }
}
