import Foundation
import GRDB
import Tensors

/// Pictures and contents, a million at a time: each table is read once from end to end, and joined here, because SQLite
/// would look every one up by itself.
extension IndexQueries {
    /// A picture of the listing, its texts not yet put together.
    struct Image {
        let folder: Int64
        let name: String
        let source: Int64
        let label: Int64?
        let content: Int64
        let size: Int
        let modified: Int64
        let split: Int64?

        /// A picture from its row of the index.
        init(_ row: Row) {
            (folder, name, source, label) = (row[0], row[1], row[2], row[3])
            (content, size, modified, split) = (row[4], row[5], row[6], row[7])
        }
    }

    func forEachImage(_ body: (Image) throws -> Void) throws {
        try rows.forEach(.images) { try body(Image($0)) }
    }

    /// The texts of a table of numbered names.
    func names(_ table: IndexTable) throws -> [Int64: String] {
        var names: [Int64: String] = [:]
        try rows.forEach(table) { names[$0[0]] = $0[1] as String }
        return names
    }

    /// The listed pictures whose content is one of `keys`, by path.
    func pictures(_ keys: ContentKeys) throws -> [StoredPicture] {
        let names = try ListedNames(self)
        var pictures: [Int64: [StoredPicture]] = [:]
        try forEachImage { image in
            guard let content = keys[image.content] else { return }
            pictures[image.folder, default: []].append(
                StoredPicture(
                    path: try names.path(image.folder, image.name), root: try names.root(image.source),
                    label: try names.label(image.label), split: try names.split(image.split), content: content))
        }
        return names.byPath(pictures, \.path)
    }

    /// The listed pictures, where a root is given those of it and those at `paths`, by path; `keys` are all contents of the store.
    func entries(
        _ keys: ContentKeys, under root: String? = nil, orAt paths: some Sequence<String> = []
    ) throws -> [PictureEntry] {
        let names = try ListedNames(self)
        // Most stores have one root.
        lazy var others = Set(paths.map(ExactText.init))
        var pictures: [Int64: [PictureEntry]] = [:]
        try forEachImage { image in
            let itsRoot = try names.root(image.source)
            let path = try names.path(image.folder, image.name)
            let isOfRoot = root.map { ExactText($0) == ExactText(itsRoot) } ?? true
            guard isOfRoot || others.contains(ExactText(path)) else { return }
            guard let content = keys[image.content] else { throw Self.damaged("the content of \(image.name)") }
            pictures[image.folder, default: []].append(
                PictureEntry(
                    path: path, label: try names.label(image.label),
                    split: try names.split(image.split), content: content, size: image.size, modified: image.modified,
                    root: itsRoot))
        }
        return names.byPath(pictures, \.path)
    }

    /// The failures of a space, of one root where it is given, by path.
    func failures(space: Int64, under root: String? = nil) throws -> [FailureEntry] {
        let names = try ListedNames(self)
        var failures: [Int64: [FailureEntry]] = [:]
        try rows.forEach(.failures) { row in
            let itsRoot = try names.root(row[3])
            guard row[0] == space, root == nil || root.map(ExactText.init) == ExactText(itsRoot) else { return }
            failures[row[1], default: []].append(
                FailureEntry(
                    path: try names.path(row[1], row[2]), root: itsRoot, reason: row[4], size: row[5],
                    modified: row[6]))
        }
        return names.byPath(failures, \.path)
    }

    /// The contents that the listing names and no row of a segment has.
    func forEachRowlessContent(_ body: (_ number: Int64, _ content: Fingerprint) throws -> Void) throws {
        try rows.forEach(.contents) { row in
            guard let key = Fingerprint(bytes: row[1] as Data) else {
                throw Self.damaged("the row of content \(row[0] as Int64)")
            }
            try body(row[0], key)
        }
    }

    /// Every content with its number, marked where it has a feature in the space of that fingerprint.
    func contentTable(_ layout: StoreLayout, space: Fingerprint) throws -> ContentTable {
        var table = ContentTable()
        for known in try spaces() {
            let chunks = try StoredChunks(layout, space: known.space, try chunks(space: known.id))
            let isInSpace = known.space.fingerprint == space
            try chunks.forEachContent { number, key in
                guard table.enter(key, number: number, isInSpace: isInSpace, hasRow: true) else {
                    throw Self.damaged("the number of content \(key.short)")
                }
            }
        }
        try forEachRowlessContent { number, key in
            guard table.enter(key, number: number, isInSpace: false, hasRow: false) else {
                throw Self.damaged("the number of content \(key.short)")
            }
        }
        return table
    }
}

/// Folders, labels, splits and roots by their numbers in the index.
struct ListedNames {
    private var folders: [Int64: String] = [:]
    private var labels: [Int64: String] = [:]
    private var splits: [Int64: String] = [:]
    private var roots: [Int64: String] = [:]

    init(_ queries: IndexQueries) throws {
        folders = try queries.names(.folders)
        labels = try queries.names(.labels)
        splits = try queries.names(.splits)
        roots = try queries.names(.sources)
    }

    func path(_ folder: Int64, _ name: String) throws -> String {
        try found(folders[folder], "the folder of \(name)") + name
    }

    func root(_ source: Int64) throws -> String { try found(roots[source], "the root folder \(source)") }

    func label(_ label: Int64?) throws -> String? { try label.map { try found(labels[$0], "the label \($0)") } }

    func split(_ split: Int64?) throws -> String? { try split.map { try found(splits[$0], "the split \($0)") } }

    private func found(_ name: String?, _ what: String) throws -> String {
        guard let name else { throw IndexQueries.damaged(what) }
        return name
    }

    /// The entries of all folders in the order of their paths' bytes, from each folder's in the order of their names.
    func byPath<Entry>(_ entries: [Int64: [Entry]], _ path: (Entry) -> String) -> [Entry] {
        let order = entries.keys.sorted { Self.precedes(folders[$0] ?? "", folders[$1] ?? "") }
        // All but in order where no folder has both pictures and folders in it; the sort makes use of that.
        return order.flatMap { entries[$0] ?? [] }.sorted { Self.precedes(path($0), path($1)) }
    }

    private static func precedes(_ left: String, _ right: String) -> Bool {
        left.utf8.withContiguousStorageIfAvailable { left in
            right.utf8.withContiguousStorageIfAvailable { right in
                let order = memcmp(
                    left.baseAddress ?? right.baseAddress!, right.baseAddress!, min(left.count, right.count))
                return order < 0 || (order == 0 && left.count < right.count)
            }
        }.flatMap { $0 } ?? left.utf8.lexicographicallyPrecedes(right.utf8)
    }
}
