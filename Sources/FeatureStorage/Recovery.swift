import Foundation
import Tensors

/// Brings the index and the segments of a store together after whatever happened to the last writer. Runs under the lock.
struct Recovery {
    private let layout: StoreLayout
    private let index: IndexDatabase
    private let space: Fingerprint
    /// Descriptions of spaces for segments whose own are damaged.
    private let described: [FeatureSpace]
    private(set) var numbers = IndexNumbers()
    private(set) var report = RecoveryReport()

    /// A segment with blocks that the index lacks.
    private struct Arrears {
        let file: SegmentFile
        let header: SegmentHeader
        let isKnown: Bool
        let scan: SegmentScan
    }

    /// Adopts whole blocks that the index lacks and cuts unfinished ones. Afterwards `numbers` are the index's, with the
    /// contents marked that have a feature in `space`. Spaces that no whole block describes are looked up in `described`. Throws `InputError` where a segment is missing, shorter than what was committed, or
    /// damaged at its head.
    init(
        _ layout: StoreLayout, _ index: IndexDatabase, isNew: Bool, space: Fingerprint, described: [FeatureSpace] = []
    ) throws {
        (self.layout, self.index, self.space, self.described) = (layout, index, space, described)
        try Self.discardRetired(layout, index)
        let (known, lastSequence) = try index.read { (try $0.segments(), try $0.lastSequence()) }
        var arrears = try arrears(known: known)
        guard !arrears.isEmpty else {
            numbers = try index.read { try IndexNumbers($0, layout, space: space) }
            return
        }
        // A block older than what the index has (a segment brought back, or brought in) must be replayed in its turn.
        let rebuilds = isNew || arrears.contains { $0.scan.blocks.contains { $0.sequence <= lastSequence } }
        if rebuilds && !isNew { arrears = try self.arrears(known: []) }
        report.indexRebuilt = rebuilds
        if !rebuilds { numbers = try index.read { try IndexNumbers($0, layout, space: space) } }
        try adopt(arrears, afterReset: rebuilds)
        numbers = try index.read { try IndexNumbers($0, layout, space: space) }
    }

    /// Sets a store right that a writer of any space may have left unfinished, even before its index had anything in it.
    static func settle(_ layout: StoreLayout) throws {
        try IndexDatabase.refuseForeign(layout)
        let lock = try StoreLock(layout)
        try settle(layout, held: lock)
    }

    /// The same for somebody who has the store's lock.
    static func settle(_ layout: StoreLayout, held lock: StoreLock) throws {
        defer { withExtendedLifetime(lock) {} }
        let (index, isNew) = try IndexDatabase.openForWriting(layout)
        _ = try Recovery(layout, index, isNew: isNew, space: Fingerprint(of: Data()))
        try index.close()
    }

    private mutating func arrears(known: [IndexQueries.Segment]) throws -> [Arrears] {
        let numbers = try layout.segmentNumbers()
        for segment in known where !numbers.contains(segment.number) {
            throw InputError(
                layout.segment(segment.number),
                "is missing; the index says that it has \(segment.committedLength) bytes",
                remedy: "Take it from a backup, or move index.sqlite away to go on with the other segments.")
        }
        let found = try numbers.compactMap { number in
            try arrears(of: number, known: known.first { $0.number == number })
        }
        try requireDistinct(found, known)
        return found
    }

    private func requireDistinct(_ arrears: [Arrears], _ known: [IndexQueries.Segment]) throws {
        var names = Dictionary(known.map { ($0.uuid, $0.number) }) { first, _ in first }
        for segment in arrears {
            let number = names.updateValue(segment.file.number, forKey: segment.header.uuid) ?? segment.file.number
            guard number == segment.file.number else {
                throw InputError(
                    segment.file.path, "is a copy of \(StoreLayout.segmentName(number))", remedy: "Remove one of them.")
            }
        }
    }

    private mutating func arrears(of number: Int, known: IndexQueries.Segment?) throws -> Arrears? {
        var file = try SegmentFile(layout, number: number, .write)
        let length = try file.length()
        if let known, length < known.committedLength {
            throw InputError(
                file.path, "is damaged: it has \(length) bytes, of \(known.committedLength) that were committed",
                remedy: "Take it from a backup, or move index.sqlite away to go on with what is whole.")
        }
        guard known?.committedLength != length else { return nil }
        if known == nil, try Self.isUnbegun(file, length: length) {
            try discard(file, length: length)
            return nil
        }
        let header = try file.header()
        guard known == nil || known?.uuid == header.uuid else {
            throw InputError(
                file.path, "is another segment than the index knows under this name",
                remedy: "Put the right one back, or move index.sqlite away to have it made anew.")
        }
        let start = known?.committedLength ?? SegmentHeader.byteCount
        let scan = try SegmentScan(file, segment: header.uuid, from: start, length: length)
        if scan.end < length { file = try file.unshared(layout) }
        try settle(file, scan, length: length)
        return scan.blocks.isEmpty ? nil : Arrears(file: file, header: header, isKnown: known != nil, scan: scan)
    }

    /// Whether a file that the index does not know never held a feature. A segment's header and its first block, the
    /// description of its space, are made durable before a second block is written: without them, and without a trace of
    /// a second block, the writer was stopped in between.
    static func isUnbegun(_ file: SegmentFile, length: Int) throws -> Bool {
        guard length <= longestUnbegun else { return false }
        let bytes = try file.read(at: 0, count: length)
        let head = bytes.prefix(SegmentHeader.byteCount)
        let second = (SegmentHeader.byteCount + BlockHeader.byteCount).aligned
        let hasSecond = stride(from: second, to: bytes.count, by: 64).contains { position in
            bytes[position...].starts(with: BlockHeader.magic)
        }
        guard !hasSecond else { return false }
        guard head.count == SegmentHeader.byteCount, !head.allSatisfy({ $0 == 0 }) else { return true }
        guard let header = try? SegmentHeader(decoding: bytes) else { return false }
        return try SegmentScan(file, segment: header.uuid, from: SegmentHeader.byteCount, length: length).blocks.isEmpty
    }

    /// Longer than any segment of no more than a header and a description.
    private static let longestUnbegun = 1 << 20

    /// Takes away the files of segments that nothing points at any more, then their rows of the index: in that order, so
    /// that none is left behind and taken for a new one.
    static func discardRetired(_ layout: StoreLayout, _ index: IndexDatabase) throws {
        let retired = try index.read { try $0.segments() }.filter(\.isRetired)
        guard !retired.isEmpty else { return }
        for segment in retired {
            let path = layout.segment(segment.number)
            guard unlink(path) == 0 || errno == ENOENT else {
                throw InputError(path, "cannot be removed: \(InputError.systemReason)")
            }
        }
        try AtomicFile.synchronizeFolder(layout.segmentsFolder)
        try index.write { changes in
            for segment in retired { try changes.delete(.segments, key: [.integer(segment.number)]) }
        }
    }

    private mutating func discard(_ file: SegmentFile, length: Int) throws {
        guard unlink(file.path) == 0 else {
            throw InputError(file.path, "cannot be removed: \(InputError.systemReason)")
        }
        try AtomicFile.synchronizeFolder(layout.segmentsFolder)
        note(file.name) { $0.tornBytes = length }
    }

    private mutating func settle(_ file: SegmentFile, _ scan: SegmentScan, length: Int) throws {
        if scan.end < length { try file.truncate(to: scan.end) }
        // What a killed writer left may be in memory only; the index must not know of it before the disk does.
        try file.synchronize()
        note(file.name) { segment in
            segment.tornBytes += length - scan.end
            segment.damagedRanges = scan.damagedRanges
        }
    }

    private mutating func adopt(_ arrears: [Arrears], afterReset: Bool) throws {
        let blocks = arrears.flatMap { segment in segment.scan.blocks.map { (segment: segment, block: $0) } }
            .sorted { ($0.block.sequence, $0.segment.file.number) < ($1.block.sequence, $1.segment.file.number) }
        try AtomicFile.synchronizeFolder(layout.segmentsFolder)
        let descriptions = descriptions(arrears)
        // What blocks say of pictures takes about as much as the index.
        try index.reserveCache(forIndexOf: blocks.reduce(0) { $0 + $1.block.metadata.raw })
        try index.write { changes in
            let replay = BlockReplay(changes)
            if afterReset { try replay.reset() }
            var entered = Set(afterReset ? [] : arrears.filter(\.isKnown).map(\.file.number))
            for (segment, block) in blocks {
                do { try adopt(block, of: segment, &entered, descriptions, replay) } catch let fault as FormatFault {
                    throw fault.error("\(segment.file.path): block at byte \(block.offset)")
                }
            }
            if afterReset { try replay.dropForgottenContents() }
        }
    }

    private mutating func adopt(
        _ block: BlockHeader, of segment: Arrears, _ entered: inout Set<Int>,
        _ descriptions: [Fingerprint: FeatureSpace], _ replay: BlockReplay
    ) throws {
        let number = segment.file.number
        let body = try segment.file.body(of: block, upTo: block.length)
        if block.kind == .space { try replay.enter(try description(body, segment.header.space)) }
        if entered.insert(number).inserted {
            try replay.enter(
                segment: number, segment.header, describedBy: descriptions[segment.header.space])
        }
        if block.kind == .chunk {
            let changes = try body.changes()
            try replay.enter(block, segment: number, contents: try body.contents(), changes: changes, &numbers)
            note(segment.file.name) { report in
                report.chunksAdopted += 1
                report.picturesAdopted += changes.count { if case .picture = $0 { true } else { false } }
            }
        }
        try replay.advance(segment: number, past: block)
    }

    /// The spaces of `described` and of all segments, where a segment's own description is damaged: its chunks are not.
    private func descriptions(_ arrears: [Arrears]) -> [Fingerprint: FeatureSpace] {
        guard arrears.contains(where: { !$0.isKnown && $0.scan.blocks.first?.kind != .space }) else { return [:] }
        var found = Dictionary(described.map { ($0.fingerprint, $0) }) { first, _ in first }
        for segment in arrears {
            for block in segment.scan.blocks where block.kind == .space {
                let body = try? segment.file.body(of: block, upTo: block.length)
                let space = body.flatMap { try? description($0, segment.header.space) }
                found[segment.header.space] = found[segment.header.space] ?? space
            }
        }
        return found
    }

    private func description(_ body: BlockBody, _ fingerprint: Fingerprint) throws -> FeatureSpace {
        guard let space = try body.metadata().space, space.fingerprint == fingerprint else {
            throw FormatFault.damaged("it describes another space than the segment's header names")
        }
        return space
    }

    private mutating func note(_ name: String, _ change: (inout RecoveryReport.Segment) -> Void) {
        let position = report.segments.firstIndex { $0.name == name }
        var segment = position.map { report.segments[$0] } ?? RecoveryReport.Segment(name: name)
        change(&segment)
        if let position {
            report.segments[position] = segment
        } else if !segment.isEmpty {
            report.segments.append(segment)
        }
    }
}
