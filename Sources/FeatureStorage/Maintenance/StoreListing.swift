import Tensors

/// The listing of a store at one moment: its pictures, and what failed in each space.
struct StoreListing {
    var pictures: [ExactText: PictureEntry] = [:]
    /// Failures by path, by the fingerprint of their space.
    var failures: [Fingerprint: [ExactText: FailureEntry]] = [:]

    init() {}

    /// The listing that an index has; `keys` are all contents of the store.
    init(_ queries: IndexQueries, _ keys: ContentKeys) throws {
        for entry in try queries.entries(keys) { pictures[ExactText(entry.path)] = entry }
        for (id, space) in try queries.spaces() {
            for entry in try queries.failures(space: id) {
                failures[space.fingerprint, default: [:]][ExactText(entry.path)] = entry
            }
        }
    }

    /// Applies a change that was recorded in `space`, as the index does.
    mutating func apply(_ change: ListingChange, in space: Fingerprint) {
        let path = ExactText(change.path)
        switch change {
        case .picture(let entry):
            pictures[path] = entry
            failures[space]?[path] = nil
        case .removal:
            pictures[path] = nil
            for space in Array(failures.keys) { failures[space]?[path] = nil }
        case .failure(let entry):
            failures[space, default: [:]][path] = entry
            if let picture = pictures[path], (picture.size, picture.modified) != (entry.size, entry.modified) {
                pictures[path] = nil
            }
        }
    }

    /// The changes, recorded in `space`, that bring a store with this listing nearer to `desired`: all its pictures, and the
    /// failures of that space.
    func changes(to desired: StoreListing, in space: Fingerprint) -> [ListingChange] {
        var changes: [ListingChange] = []
        for path in pictures.keys where desired.pictures[path] == nil { changes.append(.removal(path: path.text)) }
        let (failing, wanted) = (failures[space] ?? [:], desired.failures[space] ?? [:])
        for (path, entry) in desired.pictures where pictures[path] != entry { changes.append(.picture(entry)) }
        for path in failing.keys where wanted[path] == nil {
            changes.append(desired.pictures[path].map { .picture($0) } ?? .removal(path: path.text))
        }
        for (path, entry) in wanted where failing[path] != entry || pictures[path] != desired.pictures[path] {
            changes.append(.failure(entry))
        }
        return changes.sorted { $0.order < $1.order }
    }
}

extension ListingChange {
    /// Removals first, failures last, each by path, so that the same listings always give the same changes.
    fileprivate var order: (Int, String) {
        switch self {
        case .removal: (0, path)
        case .picture: (1, path)
        case .failure: (2, path)
        }
    }
}

extension FeatureStoreWriter {
    /// The listing as it is committed.
    func listing() throws -> StoreListing {
        let keys = numbers.contents.keys()
        return try index.read { try StoreListing($0, keys) }
    }

    /// Records what makes the pictures, and the failures of this space, those of `desired`, but not the pictures at `settled`, which
    /// come from elsewhere. Returns the changes that it took.
    mutating func reconcile(
        with desired: StoreListing, settled: Set<ExactText> = []
    ) throws -> [ListingChange] {
        let changes = try listing().changes(to: desired, in: space.fingerprint)
            .filter { $0.kind != .picture || !settled.contains(ExactText($0.path)) }
        for start in stride(from: 0, to: changes.count, by: 4096) {
            try write(ChunkDraft(changes: Array(changes[start..<min(start + 4096, changes.count)])))
        }
        return changes
    }

    /// Makes the whole listing of a store that of `desired`, under `held` where somebody has its lock. A removal in one space
    /// ends failures of others too, so the spaces are gone through until nothing is left to change.
    static func reconcile(
        _ layout: StoreLayout, held: StoreLock? = nil, with desired: StoreListing, spaces: [FeatureSpace]
    ) throws -> Int {
        var total = 0
        for _ in 0..<3 {
            var changes = 0
            for space in spaces {
                var writer = try FeatureStoreWriter(layout, held: held, space: space)
                changes += try writer.reconcile(with: desired).count
                try writer.finish()
            }
            total += changes
            if changes == 0 { break }
        }
        return total
    }
}
