import Foundation
import Tensors

/// Makes a damaged store whole again: a new index from the segments takes the place of the old one; what is damaged in the
/// segments is left out and told; what the old index still knows of the listing is kept.
public struct StoreRepair {
    /// What was done and what is lost.
    public struct Report: Sendable, Hashable, Codable {
        /// What reading the segments brought to light.
        public internal(set) var segments: [RecoveryReport.Segment] = []
        /// Segments that could not be used at all, with the reason. Their files stay, under names that end in `.damaged`.
        public internal(set) var segmentsSetAside: [String] = []
        /// Whether the old index could be read, so that what is lost could be told by name.
        public internal(set) var indexWasReadable = false
        /// Listing changes recorded again because their blocks are damaged.
        public internal(set) var changesRecorded = 0
        /// The paths of listed pictures whose features are lost; `build` computes them again.
        public internal(set) var lostPictures: [String] = []
        /// Paths that the listing had and has no more, because nothing tells their content; `build` lists them again.
        public internal(set) var lostPaths: [String] = []

        /// Whether anything was damaged.
        public var isClean: Bool {
            segments.isEmpty && segmentsSetAside.isEmpty && lostPictures.isEmpty && lostPaths.isEmpty
        }
    }

    private let layout: StoreLayout

    /// A repair of the store at `path`.
    public init(path: String) { layout = StoreLayout(path: path) }

    /// Repairs. Killed at any moment it leaves either the old index or the new one, and can be run again. Throws `InputError`
    /// where there is no store, where a writer is at work, or where the disk does not take what has to be written.
    public func run() throws -> Report {
        let hasSegments = try !layout.segmentNumbers().isEmpty
        if !layout.hasIndex && !hasSegments { try layout.requireStore() }
        var report = Report()
        let (old, spaces) = try rebuild(&report)
        for space in spaces { try rescue(space, old, report) }
        guard let old else {
            report.lostPictures = try picturesWithoutFeature()
            return report
        }
        report.changesRecorded = try FeatureStoreWriter.reconcile(layout.path, with: old.listing, spaces: spaces)
        let stored = try features(spaces)
        report.lostPictures = old.features.filter { !stored.contains($0.feature) }.map(\.path).sorted()
        report.lostPaths = old.pathsWithoutContent
        return report
    }

    /// Puts a new index in the place of the old one. Returns what the old one said, if it could be read, and the spaces.
    private func rebuild(_ report: inout Report) throws -> (OldIndex?, [FeatureSpace]) {
        let lock = try StoreLock(layout)
        defer { withExtendedLifetime(lock) {} }
        let old = try? OldIndex(layout)
        report.indexWasReadable = old != nil
        report.segmentsSetAside = try setAside()
        return (old, try replaceIndex(&report))
    }

    /// Appends rows that are whole in blocks that are not, then writes the segments with damage anew without it.
    private func rescue(_ space: FeatureSpace, _ old: OldIndex?, _ report: Report) throws {
        let damaged = Set(report.segments.filter { !$0.damagedRanges.isEmpty }.map(\.name))
        var writer = try FeatureStoreWriter(path: layout.path, space: space, otherSpaces: .add)
        for draft in old?.salvaged[space.fingerprint] ?? [] {
            if draft.contents.contains(where: { !writer.contains($0) }) { try writer.write(draft) }
        }
        for number in try writer.segments() where damaged.contains(StoreLayout.segmentName(number)) {
            try writer.rewrite(segment: number)
        }
        try writer.finish()
    }

    /// Puts segments away whose headers cannot be read: no block of theirs could be.
    private func setAside() throws -> [String] {
        var names: [String] = []
        for number in try layout.segmentNumbers() {
            let path = layout.segment(number)
            do { _ = try SegmentFile(layout, number: number, .read).header() } catch let error as InputError {
                guard error.fact.hasPrefix("is damaged") else { throw error }
                guard rename(path, path + ".damaged") == 0 else {
                    throw InputError(path, "cannot be renamed: \(InputError.systemReason)")
                }
                names.append("\(StoreLayout.segmentName(number)): \(error.fact)")
            }
        }
        if !names.isEmpty { try AtomicFile.synchronizeFolder(layout.segmentsFolder) }
        return names
    }

    /// Makes an index from the segments in a file beside the old one, then puts it in its place. Returns the spaces.
    private func replaceIndex(_ report: inout Report) throws -> [FeatureSpace] {
        let fresh = StoreLayout(path: layout.path, index: "index.sqlite.new")
        for path in [fresh.index, fresh.index + "-journal"] { unlink(path) }
        let (index, isNew) = try IndexDatabase.openForWriting(fresh)
        let recovery = try Recovery(fresh, index, isNew: isNew, space: Fingerprint(of: Data()))
        report.segments = recovery.report.segments.filter { $0.tornBytes > 0 || !$0.damagedRanges.isEmpty }
        let spaces = try index.read { try $0.spaces().map(\.space) }
        index.compact()
        try index.close()
        // A commit that the old index was left in must not be undone in the new one.
        unlink(layout.index + "-journal")
        guard rename(fresh.index, layout.index) == 0 else {
            throw InputError(layout.index, "cannot be put in place: \(InputError.systemReason)")
        }
        try AtomicFile.synchronizeFolder(layout.path)
        return spaces
    }

    private func features(_ spaces: [FeatureSpace]) throws -> Set<OldIndex.Feature> {
        let store = try FeatureStore(path: layout.path)
        return try spaces.reduce(into: []) { found, space in
            try store.chunks(in: space).forEachContent { _, content in
                found.insert(OldIndex.Feature(space: space.fingerprint, content: content))
            }
        }
    }

    /// Without the old index: the pictures that have a feature in no space.
    private func picturesWithoutFeature() throws -> [String] {
        let source = try MergeSource(layout)
        let store = try FeatureStore(path: layout.path)
        let stored = Set(try source.spaces.flatMap { try store.pictures(in: $0.space).map { ExactText($0.path) } })
        return source.listing.pictures.keys.filter { !stored.contains($0) }.map(\.text).sorted()
    }
}
