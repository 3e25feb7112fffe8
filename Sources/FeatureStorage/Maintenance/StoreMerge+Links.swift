import Foundation
import Tensors

/// Sealed segments, which come in as they are.
extension StoreMerge {
    /// The sealed segments of the sources that the target lacks.
    struct Links {
        /// Each with the store that it is of.
        fileprivate(set) var segments: [(store: MergeSource, segment: IndexQueries.Segment)] = []
        /// The contents that they bring, by the fingerprint of their space.
        fileprivate(set) var contents: [Fingerprint: Set<Fingerprint>] = [:]
        /// What they say of the listing, held against what the target's own segments do.
        fileprivate(set) var history: ListingHistory
    }

    /// Brings in the sealed segments that the target lacks; a killed merge's are there already.
    ///
    /// They come with the history of their listings. Where that is not what the merged store is to list, it is said before, in blocks
    /// with higher numbers than theirs, so that it counts from the moment when they are there, whoever takes them in. Of the pictures
    /// at `later` nothing is said yet.
    func bringIn(
        _ links: Links, _ stores: [MergeSource], _ spaces: [FeatureSpace], _ desired: StoreListing, _ lock: StoreLock,
        later: Set<ExactText> = [], _ report: inout Report
    ) throws {
        guard !links.segments.isEmpty else { return }
        let settled = links.history.settled.union(later)
        let known = try FeatureStore(path: target.path).spaces().map(\.space)
        let others = known.filter { space in !spaces.contains { $0.fingerprint == space.fingerprint } }
        for space in others + spaces {
            var writer = try FeatureStoreWriter(target, held: lock, space: space)
            writer.advanceSequence(past: stores.map(\.lastSequence).max() ?? 0)
            let said = try writer.reconcile(with: desired, settled: settled)
            let open = links.history.unsettled.subtracting(said.lazy.filter(\.isWhole).map { ExactText($0.path) })
            try writer.retain(open, of: desired)
            try writer.finish()
        }
        try link(links, &report)
    }

    /// What there is to link for a listing that is to be `desired`. Throws `InputError` where a segment is damaged.
    func links(_ stores: [MergeSource], _ spaces: [FeatureSpace], _ desired: StoreListing) throws -> Links {
        var known = try Set(
            target.segmentNumbers().compactMap { try? SegmentFile(target, number: $0, .read).header().uuid })
        var links = Links(history: ListingHistory(desired: desired))
        for space in spaces {
            let present = try contents(of: space)
            var linked: Set<Fingerprint> = []
            for store in stores {
                for segment in store.sealedSegments(of: space) where !known.contains(segment.uuid) {
                    let brought = try store.contents(of: segment, space)
                    guard !brought.allSatisfy({ present.contains($0) || linked.contains($0) }) else { continue }
                    known.insert(segment.uuid)
                    linked.formUnion(brought)
                    links.segments.append((store, segment))
                    try store.add(segment, to: &links.history)
                }
            }
            links.contents[space.fingerprint] = linked
        }
        guard !links.segments.isEmpty else { return links }
        for number in try target.segmentNumbers() {
            try links.history.check(try SegmentFile(target, number: number, .read))
        }
        return links
    }

    private func link(_ links: Links, _ report: inout Report) throws {
        let first = (try target.segmentNumbers().last ?? 0) + 1
        for (number, link) in links.segments.enumerated() {
            let (from, to) = (link.store.layout.segment(link.segment.number), target.segment(first + number))
            if Foundation.link(from, to) == 0 {
                report.segmentsLinked += 1
            } else if [EXDEV, EPERM, EMLINK, EOPNOTSUPP].contains(errno) {
                try AtomicFile.copy(from, to: to)
                report.segmentsCopied += 1
            } else {
                throw InputError(
                    to, "cannot be linked: \(InputError.systemReason)", remedy: "Check the space and rights there.")
            }
        }
        try AtomicFile.synchronizeFolder(target.segmentsFolder)
    }

    /// What the target has of a space.
    private func contents(of space: FeatureSpace) throws -> Set<Fingerprint> {
        var contents: Set<Fingerprint> = []
        let store = try FeatureStore(path: target.path)
        guard try store.spaces().contains(where: { $0.space.fingerprint == space.fingerprint }) else { return contents }
        try store.chunks(in: space).forEachContent { contents.insert($1) }
        return contents
    }
}
