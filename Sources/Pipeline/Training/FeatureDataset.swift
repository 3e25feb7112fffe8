public import FeatureStorage
import Tensors

/// The labelled part of a space, as training reads it: each content once, with the label of the first path that lists it.
/// Knows where every feature is without having read any; features are decoded when they are wanted, chunk by chunk.
public struct FeatureDataset: Sendable {
    /// A labelled feature and where it is.
    struct Row: Sendable, Hashable {
        /// The position of its chunk in `StoredChunks`.
        let chunk: Int32
        /// Its row in that chunk.
        let row: Int32
        /// Its class, `0..<classNames.count`.
        let label: Int32
    }

    /// The space that the features are of.
    public let space: FeatureSpace
    /// The classes' names, sorted.
    public let classNames: [String]
    /// Contents left out because no path gives them a label.
    public let unlabeled: Int
    /// Contents that are listed under two labels or more; the one of the first path, bytewise, counts.
    public let conflicting: Int
    /// The labelled features in the order of their paths, so that the same pictures give the same rows whatever the order in
    /// which they were extracted.
    let rows: [Row]
    /// Where the features are read from.
    let chunks: StoredChunks
    /// The same pictures seen otherwise, for training.
    let views: [DatasetView]
    /// Where the listing is. The store itself is not kept: its database would be closed by whichever thread lets go last, and
    /// Dispatch has crashed on that.
    private let storePath: String

    /// Reads the listing and the row tables of a space, no features. Throws `InputError` that names the chunk where a row
    /// table is damaged, and where the store has no such space.
    ///
    /// The listing with its paths is in memory only at the beginning, before any feature is. What stays is 12 bytes a picture, and 12
    /// for each view beside the usual one, of which all in the store are taken, or as many as make `mostViews` with that.
    public init(store: FeatureStore, space: FeatureSpace, mostViews: Int = .max) throws {
        try self.init(store: store, space: space, mostViews: mostViews) { $0.label }
    }

    /// The same with the labels that `label` gives pictures instead of the listing's.
    init(
        store: FeatureStore, space: FeatureSpace, mostViews: Int, label: (StoredPicture) -> String?
    ) throws {
        let chunks = try store.chunks(in: space)
        let found = try Self.locate(store, chunks, space, label)
        (self.space, self.chunks, storePath) = (space, chunks, store.path)
        views = try store.views(of: space).prefix(max(0, mostViews - 1)).map { view in
            try DatasetView(store.chunks(in: view), of: found.rows, in: chunks)
        }
        (rows, classNames) = (found.rows, found.labels.classNames)
        (unlabeled, conflicting) = (found.labels.unlabeled, found.labels.conflicting)
    }

    /// The number of rows.
    public var count: Int { rows.count }

    /// The views that training has, the usual one among them.
    public var viewCount: Int { 1 + views.count }

    /// The pictures of the space, in the order of their paths.
    func pictures() throws -> [StoredPicture] { try FeatureStore(path: storePath).pictures(in: space) }

    private static func locate(
        _ store: FeatureStore, _ chunks: StoredChunks, _ space: FeatureSpace, _ label: (StoredPicture) -> String?
    ) throws -> (rows: [Row], labels: ContentLabels) {
        let (contents, labels) = try listing(store, space, label)
        var places: [(chunk: Int32, row: Int32)] = []
        var number: [Fingerprint: Int32] = [:]
        number.reserveCapacity((0..<chunks.count).reduce(0) { $0 + chunks.rows(at: $1) })
        for chunk in 0..<chunks.count {
            for (row, content) in try chunks.contents(at: chunk).enumerated() {
                number[content] = Int32(places.count)
                places.append((Int32(chunk), Int32(row)))
            }
        }
        // A build may have committed more between the two reads: those are not in the chunks.
        let numbers = contents.map { number[$0, default: -1] }
        let found = ContentLabels(labels, rows: numbers, rowCount: places.count)
        let rows = found.entries.map { entry in
            let place = places[Int(numbers[entry.picture])]
            return Row(chunk: place.chunk, row: place.row, label: Int32(entry.label))
        }
        return (rows, found)
    }

    /// The content and the label of every picture by path; the paths are gone when this returns.
    private static func listing(
        _ store: FeatureStore, _ space: FeatureSpace, _ label: (StoredPicture) -> String?
    ) throws -> (contents: [Fingerprint], labels: PictureLabels) {
        let pictures = try store.pictures(in: space)
        return (pictures.map(\.content), PictureLabels(pictures.map(label)))
    }
}
