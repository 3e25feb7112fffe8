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
        /// The paths of listed pictures whose features are lost; `build` computes them again. Where the old index could not be
        /// read and something is damaged, all that have no feature in any space.
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

    /// Repairs. Killed at any moment it leaves either the old index, with all that it knows, or the new one, and can be run
    /// again. Throws `InputError` where there is no store, where a writer is at work, or where the disk does not take what has
    /// to be written.
    public func run() throws -> Report {
        let hasSegments = try !layout.segmentNumbers().isEmpty
        if !layout.hasIndex && !hasSegments { try layout.requireStore() }
        var report = Report()
        let lock = try StoreLock(layout)
        let old = try? OldIndex(layout)
        report.indexWasReadable = old != nil
        report.segmentsSetAside = try setAside(describedBy: old?.spaces ?? [])
        // Before anything is cut: a recovery takes a damaged last block for an unfinished write.
        var salvage = try Salvage(layout, describedBy: old?.spaces ?? [])
        try salvage.run()
        var spaces = try makeIndex(describedBy: old?.spaces ?? [], &report)
        if let old {
            let found = Set(spaces.map(\.fingerprint))
            spaces += old.spaces.filter { !found.contains($0.fingerprint) }
            // Before the old index goes: nothing else knows what is in damaged metadata.
            report.changesRecorded = try FeatureStoreWriter.reconcile(
                fresh, held: lock, with: old.listing, spaces: spaces)
        }
        try replaceIndex()
        for space in spaces { try rewriteDamaged(space, report, lock) }
        try tellLost(old, spaces, &report)
        return report
    }

    private func tellLost(_ old: OldIndex?, _ spaces: [FeatureSpace], _ report: inout Report) throws {
        guard let old else {
            // A picture may have no feature without any damage, too.
            if !report.isClean { report.lostPictures = try picturesWithoutFeature() }
            return
        }
        let stored = try features(spaces)
        report.lostPictures = old.features.filter { !stored.contains($0.feature) }.map(\.path).sorted()
        report.lostPaths = old.pathsWithoutContent
    }

    /// Writes the segments with damage anew without it.
    private func rewriteDamaged(_ space: FeatureSpace, _ report: Report, _ lock: StoreLock) throws {
        let damaged = Set(report.segments.filter { !$0.damagedRanges.isEmpty }.map(\.name))
        var writer = try FeatureStoreWriter(layout, held: lock, space: space)
        for number in try writer.segments() where damaged.contains(StoreLayout.segmentName(number)) {
            try writer.rewrite(segment: number)
        }
        try writer.finish()
    }

    /// Puts segments away of which no block can be used: their headers cannot be read, or nothing describes their space,
    /// neither one of `known` nor any segment.
    private func setAside(describedBy known: [FeatureSpace]) throws -> [String] {
        var names: [String] = []
        var undescribed: [(number: Int, space: Fingerprint)] = []
        var described = Set(known.map(\.fingerprint))
        for number in try layout.segmentNumbers() {
            do {
                let file = try SegmentFile(layout, number: number, .read)
                let header = try file.header()
                if try Self.isDescribed(file, header) {
                    described.insert(header.space)
                } else if try file.length() > SegmentHeader.byteCount {
                    undescribed.append((number, header.space))
                }
            } catch let error as InputError {
                guard error.fact.hasPrefix("is damaged") else { throw error }
                // An earlier repair was stopped when it began to save rows: a recovery takes that away.
                let file = try SegmentFile(layout, number: number, .read)
                guard try !Recovery.isUnbegun(file, length: try file.length()) else { continue }
                names.append(try setAside(number, error.fact))
            }
        }
        for (number, space) in undescribed where !described.contains(space) {
            let scan = try Self.scan(try SegmentFile(layout, number: number, .read))
            guard scan.blocks.contains(where: { $0.kind == .chunk }),
                !scan.blocks.contains(where: { $0.kind == .space })
            else { continue }
            names.append(try setAside(number, "is of a space that no whole block describes"))
        }
        if !names.isEmpty { try AtomicFile.synchronizeFolder(layout.segmentsFolder) }
        return names
    }

    /// Gives a segment a name that no store looks at, and that nothing has yet.
    private func setAside(_ number: Int, _ fact: String) throws -> String {
        let path = layout.segment(number)
        let names = ["\(path).damaged"] + (2...1000).map { "\(path).\($0).damaged" }
        let free = names.first { !FileManager.default.fileExists(atPath: $0) }
        guard let free, rename(path, free) == 0 else {
            throw InputError(path, "cannot be renamed: \(InputError.systemReason)")
        }
        return "\(StoreLayout.segmentName(number)): \(fact)"
    }

    /// Whether a segment begins with the description of its space, whole.
    private static func isDescribed(_ file: SegmentFile, _ header: SegmentHeader) throws -> Bool {
        do {
            let block = try file.blockHeader(
                at: SegmentHeader.byteCount, segment: header.uuid, length: try file.length())
            let body = try file.body(of: block, upTo: block.length)
            return try block.kind == .space && body.metadata().space?.fingerprint == header.space
        } catch is FormatFault { return false }
    }

    private static func scan(_ file: SegmentFile) throws -> SegmentScan {
        try SegmentScan(
            file, segment: try file.header().uuid, from: SegmentHeader.byteCount, length: try file.length())
    }

    /// The store with the index that is being made beside the old one.
    private var fresh: StoreLayout { StoreLayout(path: layout.path, index: "index.sqlite.new") }

    /// Makes an index from the segments in a file beside the old one. Returns the spaces.
    private func makeIndex(describedBy known: [FeatureSpace], _ report: inout Report) throws -> [FeatureSpace] {
        for path in [fresh.index, fresh.index + "-journal"] { unlink(path) }
        let (index, isNew) = try IndexDatabase.openForWriting(fresh)
        let recovery = try Recovery(fresh, index, isNew: isNew, space: Fingerprint(of: Data()), described: known)
        report.segments = recovery.report.segments.filter { $0.tornBytes > 0 || !$0.damagedRanges.isEmpty }
        let spaces = try index.read { try $0.spaces().map(\.space) }
        index.compact()
        try index.close()
        return spaces
    }

    /// Puts the new index in the place of the old one.
    private func replaceIndex() throws {
        // A commit that the old index was left in must not be undone in the new one.
        unlink(layout.index + "-journal")
        guard rename(fresh.index, layout.index) == 0 else {
            throw InputError(layout.index, "cannot be put in place: \(InputError.systemReason)")
        }
        try AtomicFile.synchronizeFolder(layout.path)
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
        return try source.listing().pictures.keys.filter { !stored.contains($0) }.map(\.text).sorted()
    }
}
