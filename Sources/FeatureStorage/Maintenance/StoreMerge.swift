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
        /// What the merged store says: the label, or the content's SHA-256.
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
        /// Paths with another content than in an earlier store; the earlier store's counts.
        public internal(set) var conflictingContents: [Conflict] = []
    }

    private let target: StoreLayout
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
        if target.hasIndex { try Recovery.settle(target) }
        let spaces = try requireFitting(stores)
        let before = try featureCount()
        try keepOldListing()
        let desired = try listing(stores, &report)
        for space in spaces {
            try link(stores, space, &report)
            var writer = try FeatureStoreWriter(target, space: space, inMerge: true)
            for (done, store) in stores.enumerated() {
                progress(done, stores.count)
                report.chunksAppended += try writer.append(store)
            }
            try writer.finish()
        }
        // Features came in with the history of their listings; what counts is how these ended. A removal in that history
        // ended failures of every space.
        let all = try FeatureStore(path: target.path).spaces().map(\.space)
        _ = try FeatureStoreWriter.reconcile(target, with: desired, spaces: all, inMerge: true)
        try Self.forgetOldListing(target)
        report.features = try featureCount() - before
        report.duplicates = stores.reduce(0) { $0 + $1.featureCount } - report.features
        report.pictures = desired.pictures.count
        progress(stores.count, stores.count)
        return report
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
        guard target.hasIndex else { return 0 }
        return try FeatureStore(path: target.path).spaces().reduce(0) { $0 + $1.rows }
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

    /// The index as it was before the merge; an empty file where there was none. What comes in brings the history of its
    /// listing along, so that a merge which goes on after a kill could not tell the target's own word from it.
    private static func old(_ target: StoreLayout) -> StoreLayout {
        StoreLayout(path: target.path, index: "index.sqlite.merging")
    }

    /// Keeps the target's index, unless a merge that was killed did.
    private func keepOldListing() throws {
        try target.create()
        let lock = try StoreLock(target)
        defer { withExtendedLifetime(lock) {} }
        let old = Self.old(target)
        guard !old.hasIndex else { return }
        if target.hasIndex {
            try AtomicFile.copy(target.index, to: old.index)
        } else {
            try AtomicFile.write(Data(), to: old.index)
        }
    }

    /// Ends a merge, whether it was finished or a writer has changed the listing since.
    static func forgetOldListing(_ target: StoreLayout) throws {
        let old = old(target)
        guard old.hasIndex else { return }
        guard unlink(old.index) == 0 else {
            throw InputError(old.index, "cannot be removed: \(InputError.systemReason)")
        }
        try AtomicFile.synchronizeFolder(target.path)
    }

    /// What the merged store is to list.
    private func listing(_ stores: [MergeSource], _ report: inout Report) throws -> StoreListing {
        let old = Self.old(target)
        let size = try FileManager.default.attributesOfItem(atPath: old.index)[.size] as? NSNumber
        var merged = size == 0 ? StoreListing() : try MergeSource(old).listing
        for store in stores { merged.add(store.listing, from: store.layout.path, &report) }
        return merged
    }

    /// Brings in the sealed segments of a space that the target does not have; a killed merge's are there already.
    private func link(_ stores: [MergeSource], _ space: FeatureSpace, _ report: inout Report) throws {
        try target.create()
        let lock = try StoreLock(target)
        defer { withExtendedLifetime(lock) {} }
        var known = try Set(
            target.segmentNumbers().compactMap { try? SegmentFile(target, number: $0, .read).header().uuid })
        var contents = try contents(of: space)
        var next = (try target.segmentNumbers().last ?? 0) + 1
        for store in stores {
            for segment in store.sealedSegments(of: space) where !known.contains(segment.uuid) {
                let brought = try store.contents(of: segment, space)
                guard !brought.allSatisfy(contents.contains), known.insert(segment.uuid).inserted else { continue }
                contents.formUnion(brought)
                let (from, to) = (store.layout.segment(segment.number), target.segment(next))
                if Foundation.link(from, to) == 0 {
                    report.segmentsLinked += 1
                } else if [EXDEV, EPERM, EMLINK, EOPNOTSUPP].contains(errno) {
                    try AtomicFile.copy(from, to: to)
                    report.segmentsCopied += 1
                } else {
                    throw InputError(
                        to, "cannot be linked: \(InputError.systemReason)", remedy: "Check the space and rights there.")
                }
                next += 1
            }
        }
        try AtomicFile.synchronizeFolder(target.segmentsFolder)
    }

    /// What the target has of a space.
    private func contents(of space: FeatureSpace) throws -> Set<Fingerprint> {
        var contents: Set<Fingerprint> = []
        guard target.hasIndex else { return contents }
        let store = try FeatureStore(path: target.path)
        guard try store.spaces().contains(where: { $0.space.fingerprint == space.fingerprint }) else { return contents }
        try store.chunks(in: space).forEachContent { contents.insert($1) }
        return contents
    }
}

/// A store that is merged into another: what it has, at one moment.
struct MergeSource {
    let layout: StoreLayout
    let spaces: [(id: Int64, space: FeatureSpace)]
    let listing: StoreListing
    let segments: [IndexQueries.Segment]
    /// The chunks of each space by its fingerprint, in storage order.
    let chunks: [Fingerprint: [ChunkLocation]]

    init(_ layout: StoreLayout) throws {
        try layout.requireStore()
        let index = try IndexDatabase.openForReading(layout)
        defer { try? index.close() }
        self.layout = layout
        (spaces, listing, segments, chunks) = try index.read { queries in
            let spaces = try queries.spaces()
            var chunks: [Fingerprint: [ChunkLocation]] = [:]
            for (id, space) in spaces { chunks[space.fingerprint] = try queries.chunks(space: id) }
            let keys = try queries.contentTable(layout, space: Fingerprint(of: Data())).keys()
            let segments = try queries.segments().filter { !$0.isRetired }
            return (spaces, try StoreListing(queries, keys), segments, chunks)
        }
    }

    var featureCount: Int { chunks.values.reduce(0) { $0 + $1.reduce(0) { $0 + $1.liveCount } } }

    func sealedSegments(of space: FeatureSpace) -> [IndexQueries.Segment] {
        guard let id = spaces.first(where: { $0.space.fingerprint == space.fingerprint })?.id else { return [] }
        return segments.filter { $0.spaceID == id && $0.isSealed }
    }

    /// The contents of the rows that count in a segment.
    func contents(of segment: IndexQueries.Segment, _ space: FeatureSpace) throws -> [Fingerprint] {
        let reader = try ChunkReader(layout, segment: segment.number, uuid: segment.uuid, space: space)
        return try (chunks[space.fingerprint] ?? []).filter { $0.segment == segment.number }
            .flatMap { try reader.contents(of: $0) }
    }

    /// The chunks of a space that are in segments still open.
    func openChunks(of space: FeatureSpace) -> [ChunkLocation] {
        let sealed = Set(sealedSegments(of: space).map(\.number))
        return (chunks[space.fingerprint] ?? []).filter { !sealed.contains($0.segment) }
    }
}

extension FeatureStoreWriter {
    /// Appends the chunks of a store's open segments that have a content which this store lacks. Returns how many.
    fileprivate mutating func append(_ store: MergeSource) throws -> Int {
        var readers: [Int: ChunkReader] = [:]
        var appended = 0
        for chunk in store.openChunks(of: space) {
            let reader =
                try readers[chunk.segment]
                ?? ChunkReader(store.layout, segment: chunk.segment, uuid: chunk.segmentUUID, space: space)
            readers[chunk.segment] = reader
            let contents = try reader.contents(of: chunk)
            guard contents.contains(where: { !contains($0) }) else { continue }
            try write(try ChunkDraft(try reader.body(of: chunk)))
            appended += 1
        }
        return appended
    }
}

extension StoreListing {
    /// Adds what another store lists and this listing does not, and notes where they differ.
    fileprivate mutating func add(_ other: StoreListing, from store: String, _ report: inout StoreMerge.Report) {
        for (path, entry) in other.pictures {
            guard let known = pictures[path] else {
                pictures[path] = entry
                continue
            }
            if known.content != entry.content {
                report.conflictingContents.append(
                    .init(path: entry.path, kept: known.content.hex, other: entry.content.hex, store: store))
            } else if known.label != entry.label {
                report.conflictingLabels.append(
                    .init(path: entry.path, kept: known.label, other: entry.label, store: store))
            }
        }
        for (space, entries) in other.failures {
            failures[space, default: [:]].merge(entries) { kept, _ in kept }
        }
        report.conflictingLabels.sort { ($0.store, $0.path) < ($1.store, $1.path) }
        report.conflictingContents.sort { ($0.store, $0.path) < ($1.store, $1.path) }
    }
}
