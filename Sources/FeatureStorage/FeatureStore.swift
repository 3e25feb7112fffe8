import Foundation
import Tensors

/// A store of features, opened for reading: any number of readers, in any process, also while a writer is at work and on
/// media that cannot be written.
///
/// Each call sees one state of the store, from between two commits.
public final class FeatureStore: Sendable {
    /// The store's folder, as given.
    public let path: String
    private let layout: StoreLayout
    private let index: IndexDatabase
    private let identity = UUID()
    let lookup = ListingLookup()

    /// Opens the store in the folder at `path`. Throws `InputError` where there is none, where its index is missing, of
    /// another application or of a newer version.
    public init(path: String) throws {
        self.path = path
        layout = StoreLayout(path: path)
        try layout.requireStore()
        index = try IndexDatabase.openForReading(layout)
    }

    /// Opens the store in the folder at `path`; nil where there is none yet, or only what a writer left that was stopped before it
    /// had made the index. Throws `InputError` as `init(path:)` does for anything else.
    public static func existing(at path: String) throws -> FeatureStore? {
        let layout = StoreLayout(path: path)
        guard layout.hasIndex, let index = try IndexDatabase.openIfMade(layout) else { return nil }
        return FeatureStore(layout, index)
    }

    private init(_ layout: StoreLayout, _ index: IndexDatabase) {
        (path, self.layout, self.index) = (layout.path, layout, index)
    }

    /// The folder for trained heads, one folder each; the store does not look into it.
    public var headsFolder: String { layout.headsFolder }

    /// The same of a store that need not be whole.
    public static func headsFolder(ofStoreAt path: String) -> String { StoreLayout(path: path).headsFolder }

    /// The folder for what training runs write, one folder each; the first run makes it.
    public var runsFolder: String { layout.runsFolder }

    /// The folder for vectors that searches make of the features; the first search that keeps some makes it.
    public var embeddingsFolder: String { layout.embeddingsFolder }

    /// The same of a store that need not be whole.
    public static func embeddingsFolder(ofStoreAt path: String) -> String { StoreLayout(path: path).embeddingsFolder }

    /// What the store holds of each space, in the order in which the spaces came.
    public func spaces() throws -> [SpaceSummary] {
        try query { queries in try queries.spaces().map { try queries.summary(of: $0.space, id: $0.id) } }
    }

    /// The spaces that have other views of the pictures of `space`, in the order in which they came.
    public func views(of space: FeatureSpace) throws -> [FeatureSpace] {
        try query { try $0.spaces().map(\.space) }.filter { $0.isView(of: space) }
    }

    /// What the store holds in all.
    public func summary() throws -> StoreSummary {
        let attributes = try FileManager.default.attributesOfItem(atPath: layout.index)
        let bytes = (attributes[.size] as? NSNumber)?.intValue ?? 0
        return try query { try $0.summary(indexBytes: bytes) }
    }

    /// The space whose fingerprint or name begins with `prefix`; the only one where `prefix` is nil. Throws `InputError`
    /// that lists the spaces where none or several fit. A name that is exactly `prefix` comes before longer ones, and the usual
    /// look at pictures before other views.
    public func space(matching prefix: String?) throws -> FeatureSpace {
        let all = try query { try $0.spaces().map(\.space) }
        let named = all.filter { space in
            guard let prefix else { return true }
            return space.name.hasPrefix(prefix) || space.fingerprint.hex.hasPrefix(prefix.lowercased())
        }
        let usual = named.filter { $0.view == nil }
        let fitting = usual.isEmpty ? named : usual
        let exact = named.filter { $0.name == prefix }
        if exact.count == 1 { return exact[0] }
        if fitting.count == 1 { return fitting[0] }
        guard !all.isEmpty else {
            throw InputError(path, "holds no features yet", remedy: "Run `finetuner-cache build PICTURES` first.")
        }
        let list = (fitting.isEmpty ? all : fitting).map { "\($0.fingerprint.short) (\($0.name))" }
        let which = prefix.map { " that begin with '\($0)'" } ?? ""
        throw InputError(
            path, fitting.isEmpty ? "has no feature space\(which)" : "has \(fitting.count) feature spaces\(which)",
            remedy: "Choose one with --space: " + list.joined(separator: ", "))
    }

    /// The listed pictures whose content has a feature in `space`, in ascending order of their paths' bytes. Throws
    /// `InputError` where the store has no such space.
    public func pictures(in space: FeatureSpace) throws -> [StoredPicture] {
        try query { try $0.pictures(try chunks(in: space, $0).keys()) }
    }

    /// The files that gave no feature in `space`, in ascending order of their paths' bytes. Throws `InputError` where the
    /// store has no such space.
    public func failures(in space: FeatureSpace) throws -> [FailureEntry] {
        try query { try $0.failures(space: try $0.id(of: space)) }
    }

    /// Every path that the listing or the failures of any space name, each once within its kind and in the order of bytes.
    /// Pictures are there whether or not they have a feature.
    public func listedPaths() throws -> ListedPaths { try query { try $0.listedPaths() } }

    /// Every feature of `space`, each content once, in storage order; decoded on all processors. Throws `InputError` that
    /// names the segment, the chunk and the place where a checksum differs or something is missing.
    public func readFeatures(in space: FeatureSpace) throws -> FeatureTable {
        try chunks(in: space).readAll()
    }

    /// The chunks of `space` as they are now, to be read one by one in any order. Throws `InputError` where the store has no
    /// such space, or a segment is missing or another one.
    ///
    /// What is committed never changes, so that the transaction need not last as long as the reading does and no writer
    /// waits for it.
    public func chunks(in space: FeatureSpace) throws -> StoredChunks {
        try query { try chunks(in: space, $0) }
    }

    private func chunks(in space: FeatureSpace, _ queries: IndexQueries) throws -> StoredChunks {
        try StoredChunks(
            layout, space: space, try queries.chunks(space: try queries.id(of: space)), at: try moment(queries))
    }

    /// The state of the index that a transaction sees.
    func moment(_ queries: IndexQueries) throws -> IndexMoment { try IndexMoment(identity, queries) }

    func query<Result>(_ body: (IndexQueries) throws -> Result) throws -> Result {
        try index.read(body)
    }
}
