import Foundation
import Tensors

/// Brings the features and the listings of several stores together in one. Sealed segments are linked, so that they take no
/// space twice, or copied where the file system cannot link; chunks of open segments are appended as they are. Nothing is
/// encoded again.
public struct StoreMerge {
    /// A path or a content that the stores tell different things of.
    public struct Conflict: Sendable, Hashable, Codable {
        /// The picture's path.
        public let path: String
        /// What the merged store says: the label, the split, or the content's SHA-256.
        public let kept: String?
        /// What another store says.
        public let other: String?
        /// The other store.
        public let store: String
    }

    /// What was done.
    public struct Report: Sendable, Hashable, Codable {
        /// Segments that were linked, and segments that had to be copied.
        public internal(set) var segmentsLinked = 0, segmentsCopied = 0
        /// Chunks of open segments that were appended.
        public internal(set) var chunksAppended = 0
        /// Features that came in, and features that the store had already or that came twice.
        public internal(set) var features = 0, duplicates = 0
        /// Listed pictures in the merged store.
        public internal(set) var pictures = 0
        /// Paths with another label than in an earlier store; the earlier store's counts.
        public internal(set) var conflictingLabels: [Conflict] = []
        /// Paths with another split than in an earlier store; the earlier store's counts.
        public internal(set) var conflictingSplits: [Conflict] = []
        /// Paths with another content than in an earlier store; the earlier store's counts.
        public internal(set) var conflictingContents: [Conflict] = []
    }

    let target: StoreLayout
    private let sources: [StoreLayout]
    private let otherSpaces: FeatureStoreWriter.OtherSpacePolicy

    /// A merge of the stores at `sources` into the one at `target`, which is made where it is not there. With `.refuse`,
    /// stores of other spaces than the target's (or, where that is new, the first source's) are refused.
    public init(_ sources: [String], into target: String, otherSpaces: FeatureStoreWriter.OtherSpacePolicy = .refuse) {
        self.sources = sources.map { StoreLayout(path: $0) }
        self.target = StoreLayout(path: target)
        self.otherSpaces = otherSpaces
    }

    /// Merges. May be stopped or killed at any moment and be run again: what is there already is not brought in twice. What
    /// the target says of a path counts, then what the first source says, and so on. Throws `InputError` where a store is
    /// missing, damaged or being written, or has spaces that do not fit.
    public func run(progress: (_ done: Int, _ total: Int) -> Void = { _, _ in }) throws -> Report {
        try requireDistinct()
        var report = Report()
        let locks = try sources.map { try StoreLock(reading: $0) }
        defer { withExtendedLifetime(locks) {} }
        let stores = try sources.map { try MergeSource($0) }
        // Before anything is made; what the target has is looked at under its lock.
        if !target.hasIndex { _ = try requireFitting(stores) }
        let lock = try lockTarget()
        try Recovery.settle(target, held: lock)
        let spaces = try requireFitting(stores)
        let before = try featureCount()
        let desired = try listing(stores, &report)
        let links = try links(stores, spaces, desired)
        let open = try openContents(stores, spaces, except: links)
        // Pictures of chunks to come are listed with them: contents that come with their rows have consecutive numbers.
        let later = desired.pictures.filter {
            open.contains($0.value.content) && !links.history.unsettled.contains($0.key)
        }
        try bringIn(links, stores, spaces, desired, lock, later: Set(later.keys), &report)
        let listed = Dictionary(grouping: later.values, by: \.content)
        for space in spaces {
            var writer = try FeatureStoreWriter(target, held: lock, space: space)
            writer.advanceSequence(past: stores.map(\.lastSequence).max() ?? 0)
            for (done, store) in stores.enumerated() {
                progress(done, stores.count)
                report.chunksAppended += try writer.append(store, listed: listed)
            }
            try writer.finish()
        }
        // What the segments said of a path in one space may have ended its failure in another.
        let all = try FeatureStore(path: target.path).spaces().map(\.space)
        _ = try FeatureStoreWriter.reconcile(target, held: lock, with: desired, spaces: all)
        report.features = try featureCount() - before
        report.duplicates = stores.reduce(0) { $0 + $1.featureCount } - report.features
        report.pictures = desired.pictures.count
        progress(stores.count, stores.count)
        return report
    }

    /// The contents of open segments that no linked segment brings in any space.
    private func openContents(
        _ stores: [MergeSource], _ spaces: [FeatureSpace], except links: Links
    ) throws -> Set<Fingerprint> {
        var open: Set<Fingerprint> = []
        for space in spaces {
            for store in stores { try store.forEachOpenChunk(of: space) { open.formUnion(try $0.contents(of: $1)) } }
        }
        for linked in links.contents.values { open.subtract(linked) }
        return open
    }

    /// Holds the target from before its listing is read until the merged one is recorded, so that no other writer's pictures are
    /// taken for ones that are to go.
    func lockTarget() throws -> StoreLock {
        try IndexDatabase.refuseForeign(target)
        try target.create()
        return try StoreLock(target)
    }

    private func requireDistinct() throws {
        var seen: [String: String] = [:]
        for layout in [target] + sources {
            let place = URL(fileURLWithPath: layout.path).resolvingSymlinksInPath().path
            if let other = seen.updateValue(layout.path, forKey: place) {
                throw InputError(layout.path, "is given twice (as \(other))", remedy: "Name every store once.")
            }
        }
    }

    private func featureCount() throws -> Int {
        try FeatureStore(path: target.path).spaces().reduce(0) { $0 + $1.rows }
    }

    /// The spaces of the merged store that the sources have, in the order in which they come.
    private func requireFitting(_ stores: [MergeSource]) throws -> [FeatureSpace] {
        var known = target.hasIndex ? try FeatureStore(path: target.path).spaces().map(\.space) : []
        if known.isEmpty { known = stores.first?.spaces.map(\.space) ?? [] }
        var found: [FeatureSpace] = []
        for store in stores {
            for space in store.spaces.map(\.space) where !found.contains(where: { $0.fingerprint == space.fingerprint })
            {
                let isKnown = known.contains { $0.fingerprint == space.fingerprint }
                guard isKnown || otherSpaces == .add else {
                    let nearest = known.map { space.differences(from: $0) }.min { $0.count < $1.count } ?? []
                    throw InputError(
                        store.layout.path,
                        "has features of another space, \(space.fingerprint.short) (\(space.name)), which differs: "
                            + nearest.joined(separator: "; "),
                        remedy: "Use --add-space to keep both in the merged store.")
                }
                found.append(known.first { $0.fingerprint == space.fingerprint } ?? space)
            }
        }
        return found
    }

    /// What the merged store is to list.
    private func listing(_ stores: [MergeSource], _ report: inout Report) throws -> StoreListing {
        var merged = try MergeSource(target).listing()
        for store in stores { merged.add(try store.listing(), from: store.layout.path, &report) }
        return merged
    }
}

extension FeatureStoreWriter {
    /// Appends the chunks of a store's open segments that have a content which this store lacks, with what is to be listed of
    /// their contents. Returns how many.
    fileprivate mutating func append(_ store: MergeSource, listed: [Fingerprint: [PictureEntry]]) throws -> Int {
        var appended = 0
        try store.forEachOpenChunk(of: space) { reader, chunk in
            guard try reader.contents(of: chunk).contains(where: { !contains($0) }) else { return }
            let body = try reader.body(of: chunk)
            // What the chunk said of the listing is history.
            try write(
                ChunkDraft(
                    contents: try body.contents(), payload: try body.packedPayload(), listed: listed))
            appended += 1
        }
        return appended
    }
}

extension StoreListing {
    /// Adds what another store lists and this listing does not, and notes where they differ.
    fileprivate mutating func add(_ other: StoreListing, from store: String, _ report: inout StoreMerge.Report) {
        var (labels, splits, contents): ([StoreMerge.Conflict], [StoreMerge.Conflict], [StoreMerge.Conflict]) = (
            [], [], []
        )
        for (path, entry) in other.pictures {
            guard let known = pictures[path] else {
                pictures[path] = entry
                continue
            }
            if known.content != entry.content {
                contents.append(
                    .init(path: entry.path, kept: known.content.hex, other: entry.content.hex, store: store))
                continue
            }
            if known.label != entry.label {
                labels.append(.init(path: entry.path, kept: known.label, other: entry.label, store: store))
            }
            if known.split != entry.split {
                splits.append(.init(path: entry.path, kept: known.split, other: entry.split, store: store))
            }
        }
        report.conflictingLabels += labels.sorted { $0.path < $1.path }
        report.conflictingSplits += splits.sorted { $0.path < $1.path }
        report.conflictingContents += contents.sorted { $0.path < $1.path }
        for (space, entries) in other.failures {
            failures[space, default: [:]].merge(entries) { kept, _ in kept }
        }
    }
}
