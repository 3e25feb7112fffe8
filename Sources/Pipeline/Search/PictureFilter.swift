public import FeatureStorage
public import Tensors

/// Which pictures a search may find.
public struct PictureFilter: Sendable, Hashable {
    /// Labels of which a picture must have one; empty for any or none.
    public var labels: Set<String> = []
    /// Labels of which a picture must have none.
    public var otherLabels: Set<String> = []
    /// Contents that may be found; nil for all.
    public var contents: Set<Fingerprint>?
    /// Paths that may be found, of these contents; nil for all.
    private var paths: Set<ExactText>?
    /// Scores that are too far; nil for none. With `SearchMetric.euclidean` the largest distance, else the smallest score.
    public var worstScore: Float?
    /// Whether of several pictures with the same content only the first by path is found.
    public var isUniqueByContent = false
    /// Whether a picture with the content of the query is left out.
    public var excludesSelf = false

    /// Every picture.
    public init() {}

    /// Lets only some pictures be found: not others with the same contents.
    public mutating func restrict(to pictures: [StoredPicture]) {
        (contents, paths) = (Set(pictures.map(\.content)), Set(pictures.map { ExactText($0.path) }))
    }

    /// Whether all rows of the listed pictures may be found.
    var isOpen: Bool { labels.isEmpty && otherLabels.isEmpty && contents == nil }

    /// Whether a picture may be found, for its label and its path.
    func allows(_ picture: StoredPicture) -> Bool {
        allows(label: picture.label) && paths?.contains(ExactText(picture.path)) ?? true
    }

    /// Whether a picture with that label may be found.
    func allows(label: String?) -> Bool {
        guard let label else { return labels.isEmpty }
        return (labels.isEmpty || labels.contains(label)) && !otherLabels.contains(label)
    }

    /// For each row of `chunks` whether a picture that may be found has it; nil for all rows. Throws as
    /// `FeatureStore.listedRows(in:where:)` does.
    func rows(of chunks: StoredChunks, in store: FeatureStore) throws -> [Bool]? {
        guard !isOpen else { return nil }
        var rows = try store.listedRows(in: chunks) { allows(label: $0) }
        if let contents {
            let wanted = Set(try chunks.rows { contents.contains($0) })
            for row in rows.indices where rows[row] { rows[row] = wanted.contains(row) }
        }
        return rows
    }
}
