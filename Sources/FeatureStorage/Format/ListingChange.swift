import Tensors

/// A change of the listing of pictures, as a block's metadata records it. Replayed in order, the changes of all blocks give
/// the listing.
enum ListingChange: Hashable, Sendable {
    /// The picture at a path, new or in place of what the listing had there. Ends a failure of that path.
    case picture(PictureEntry)
    /// A path that is gone.
    case removal(path: String)
    /// A file that gave no feature in the segment's space.
    case failure(FailureEntry)
}

/// Consecutive changes of one kind, column by column, which LZ4 packs to less than half of what it makes of row by row.
/// Every column that is there has as many values as `path`.
struct EncodedChanges: Codable {
    enum Kind: String, Codable { case picture, removal, failure }

    let change: Kind
    private(set) var path: [String] = []
    private(set) var root: [String]?
    private(set) var label: [String?]?
    /// Left out where no picture of the group has a split.
    private(set) var split: [String?]?
    /// The content where it is none of the block's rows; null stands for the next row that no picture before has taken.
    private(set) var content: [Fingerprint?]?
    private(set) var size: [Int]?
    private(set) var modified: [Int64]?
    private(set) var reason: [String]?

    private init(_ change: Kind) {
        self.change = change
        if change != .removal { (root, size, modified) = ([], [], []) }
        if change == .picture { (label, content) = ([], []) }
        if change == .failure { reason = [] }
    }

    /// Groups `changes` in their order. The pictures at `rows`, ascending positions in `changes`, are of the block's rows.
    static func grouped(_ changes: [ListingChange], rows: [Int]) -> [EncodedChanges] {
        var groups: [EncodedChanges] = []
        var rows = rows[...]
        for (position, change) in changes.enumerated() {
            let isRow = rows.first == position
            if isRow { rows.removeFirst() }
            if groups.last?.change != change.kind { groups.append(EncodedChanges(change.kind)) }
            groups[groups.count - 1].append(change, isRow: isRow)
        }
        return groups
    }

    private mutating func append(_ change: ListingChange, isRow: Bool) {
        switch change {
        case .picture(let entry):
            path.append(entry.path)
            root?.append(entry.root)
            label?.append(entry.label)
            if entry.split != nil, split == nil { split = path.dropLast().map { _ in nil } }
            split?.append(entry.split)
            content?.append(isRow ? nil : entry.content)
            size?.append(entry.size)
            modified?.append(entry.modified)
        case .removal(let gone): path.append(gone)
        case .failure(let entry):
            path.append(entry.path)
            root?.append(entry.root)
            reason?.append(entry.reason)
            size?.append(entry.size)
            modified?.append(entry.modified)
        }
    }

    /// The changes; `rows` are the contents of the block's rows that no picture has taken yet.
    func decoded(rows: inout ArraySlice<Fingerprint>) throws(FormatFault) -> [ListingChange] {
        let counts = [
            root?.count, label?.count, split?.count, content?.count, size?.count, modified?.count, reason?.count,
        ]
        guard counts.allSatisfy({ $0 == nil || $0 == path.count }) else { throw incomplete }
        switch change {
        case .removal: return path.map { .removal(path: $0) }
        case .failure:
            guard let root, let reason, let size, let modified else { throw incomplete }
            return path.indices.map {
                .failure(
                    FailureEntry(
                        path: path[$0], root: root[$0], reason: reason[$0], size: size[$0], modified: modified[$0]))
            }
        case .picture:
            guard let root, let label, let content, let size, let modified else { throw incomplete }
            var changes: [ListingChange] = []
            for (index, path) in path.enumerated() {
                guard let content = content[index] ?? rows.popFirst() else { throw incomplete }
                changes.append(
                    .picture(
                        PictureEntry(
                            path: path, label: label[index], split: split?[index], content: content, size: size[index],
                            modified: modified[index], root: root[index])))
            }
            return changes
        }
    }

    private var incomplete: FormatFault { .damaged("its listing changes (\(change.rawValue)) lack a fact") }
}

extension ListingChange {
    /// The path that it is about.
    var path: String {
        switch self {
        case .picture(let entry): entry.path
        case .removal(let path): path
        case .failure(let entry): entry.path
        }
    }

    /// Whether it says all of what the listing has at the path: a failure leaves the picture there open.
    var isWhole: Bool { kind != .failure }

    /// Which of the three it is.
    var kind: EncodedChanges.Kind {
        switch self {
        case .picture: .picture
        case .removal: .removal
        case .failure: .failure
        }
    }
}
