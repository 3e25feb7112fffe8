import Foundation
public import Tensors

/// The one writer of a feature store. Holds the store's lock as long as it lives.
///
/// What is appended and recorded is kept in memory until a chunk is full or `commit()` is called; what is committed is on
/// the disk and survives a power cut. After an error of the disk the writer is of no further use and says so; the next one
/// finds everything that was committed.
public struct FeatureStoreWriter: ~Copyable {
    /// What to do where a store has features of other spaces and none of the one asked for.
    public enum OtherSpacePolicy: Sendable {
        /// Throw, saying what differs.
        case refuse
        /// Keep several spaces in the store.
        case add
    }

    /// When a chunk and a segment are full.
    struct Limits {
        var chunkRows = 256
        var chunkChanges = 4096
        var segmentBytes = 256 << 20
    }

    /// The space that features are appended to.
    public let space: FeatureSpace
    /// What had to be set right in the store when it was opened.
    public let recovery: RecoveryReport
    let layout: StoreLayout
    private let limits: Limits
    private let lock: StoreLock
    let index: IndexDatabase
    private let spaceID: Int64
    private(set) var numbers: IndexNumbers
    private var segment: SegmentWriter
    private var nextSequence: Int64
    private var pending: PendingBlock
    private var changesEntered = 0
    private var failure: InputError?

    /// The rows of the space that are committed.
    public private(set) var committedRows: Int

    /// Opens the store in the folder at `path`, or makes it, and sets right what an interrupted writer left. Throws
    /// `InputError` where another writer is at work, where the folder is something else, where the store is damaged, and,
    /// with `.refuse`, where the store has features of other spaces only: then it says field by field what differs.
    public init(path: String, space: FeatureSpace, otherSpaces: OtherSpacePolicy = .refuse) throws {
        try self.init(path: path, space: space, otherSpaces: otherSpaces, limits: Limits())
    }

    init(path: String, space: FeatureSpace, otherSpaces: OtherSpacePolicy, limits: Limits) throws {
        try self.init(StoreLayout(path: path), space: space, otherSpaces: otherSpaces, limits: limits)
    }

    /// Opens the store of `layout`; under `held`, where somebody has its lock for the writer already.
    init(
        _ layout: StoreLayout, held: StoreLock? = nil, space: FeatureSpace, otherSpaces: OtherSpacePolicy = .add,
        limits: Limits = Limits()
    ) throws {
        try IndexDatabase.refuseForeign(layout)
        try layout.create()
        let lock = try held ?? StoreLock(layout)
        let (index, isNew) = try IndexDatabase.openForWriting(layout)
        let recovered = try Recovery(layout, index, isNew: isNew, space: space.fingerprint)
        try Self.check(space, against: index, layout, otherSpaces)
        var sequence = try index.read { try $0.lastSequence() } + 1
        let segment = try SegmentWriter.open(layout, index, space, &sequence)
        let (spaceID, rows) = try index.read { queries in
            let id = try queries.id(of: space)
            return (id, try queries.featureCount(space: id))
        }
        (self.space, self.layout, self.lock, self.index, self.limits) = (space, layout, lock, index, limits)
        (recovery, numbers, self.segment, nextSequence) = (recovered.report, recovered.numbers, segment, sequence)
        (self.spaceID, committedRows, pending) = (spaceID, rows, PendingBlock(of: space))
    }

    // MARK: - What is there

    /// The store's folder.
    public var path: String { layout.path }

    /// The committed pictures that came from the listing of `root`, and those at `paths`, whatever they came from: those whose size
    /// and time are still the same need not be read again.
    public func knownPictures(under root: String, orAt paths: some Sequence<String> = []) throws -> [PictureEntry] {
        let keys = numbers.contents.keys()
        return try index.read { try $0.entries(keys, under: root, orAt: paths) }
    }

    /// The committed failures in this space of files from the listing of `root`.
    public func knownFailures(under root: String) throws -> [FailureEntry] {
        try index.read { try $0.failures(space: spaceID, under: root) }
    }

    /// Whether the content has a feature in this space, committed or not.
    public func contains(_ content: Fingerprint) -> Bool { numbers.contents.isInSpace(content) }

    /// The contents that have a feature in this space, committed or not.
    public func contents() -> Set<Fingerprint> { numbers.contents.contentsInSpace() }

    // MARK: - Taking in

    /// Appends a feature of `space.dimension` values and records its picture; where the content has a feature already,
    /// records the picture only. Commits when a chunk is full. Throws `InputError` naming the picture where a value is NaN or
    /// infinite, or too large for the space's row type: then nothing was appended, and the writer can go on.
    public mutating func append(feature: ArraySlice<Float>, of picture: PictureEntry) throws {
        precondition(
            feature.count == space.dimension, "a feature of \(feature.count) values in a space of \(space.dimension)")
        guard !contains(picture.content) else { return try record(picture) }
        try requireUsable()
        try Self.check(picture)
        try pending.append(feature, of: picture)
        numbers.contents.markInSpace(picture.content)
        try commitIfFull()
    }

    /// Records a picture whose content is stored already: a duplicate, a renamed file, another label. It takes the place of
    /// what the listing has at its path and ends a failure of that path.
    public mutating func record(_ picture: PictureEntry) throws {
        try Self.check(picture)
        try record(.picture(picture))
    }

    /// Records a file that gave no feature in this space. A picture that the listing has at the same path goes where the
    /// file has changed since.
    public mutating func recordFailure(_ failure: FailureEntry) throws { try record(.failure(failure)) }

    /// Takes pictures and failures that are gone from their folder out of the listing. Features stay.
    public mutating func remove(paths: [String]) throws {
        for path in paths { try record(.removal(path: path)) }
    }

    private mutating func record(_ change: ListingChange) throws {
        try requireUsable()
        pending.record(change)
        try commitIfFull()
    }

    private static func check(_ picture: PictureEntry) throws {
        // SQLite's text ends at a NUL.
        guard !(picture.label ?? "").utf8.contains(0) else {
            throw InputError(picture.path, "has a NUL character in its label", remedy: "Correct the listing.")
        }
    }

    // MARK: - Committing

    /// Writes what was taken in since the last commit; it is durable when this returns. Throws `InputError` where the disk
    /// does not take it: then the writer is of no further use.
    public mutating func commit() throws {
        try requireUsable()
        guard !pending.isEmpty else { return }
        let block = pending
        pending = PendingBlock(of: space)
        try write(
            ChunkDraft(
                contents: block.contents, payload: block.payload, metadata: block.metadata, changes: block.changes))
    }

    /// Makes a chunk durable and enters it into the index, with `alsoChanging` in the same transaction before it.
    mutating func write(_ chunk: ChunkDraft, alsoChanging: (IndexChanges) throws -> Void = { _ in }) throws {
        try requireUsable()
        do {
            if segment.length >= limits.segmentBytes { try beginSegment() }
            let header = try segment.append(
                .chunk, sequence: nextSequence, of: chunk.contents.isEmpty ? nil : space, contents: chunk.contents,
                payload: chunk.payload, metadata: chunk.metadata)
            nextSequence += 1
            let number = segment.file.number
            try index.write { changes in
                try alsoChanging(changes)
                let replay = BlockReplay(changes)
                try replay.enter(
                    header, segment: number, contents: chunk.contents, changes: chunk.changes, &numbers)
                try replay.advance(segment: number, past: header)
            }
            for content in chunk.contents { numbers.contents.markInSpace(content) }
            committedRows += chunk.contents.count
            changesEntered += chunk.changes.count
        } catch {
            throw fail(error)
        }
    }

    /// Seals the open segment and goes on in a new one. Nothing may be pending.
    mutating func beginSegment() throws {
        segment = try segment.sealAndBeginNext(layout, index, space, &nextSequence)
    }

    /// Gives the blocks from now on numbers above `sequence`, so that they count over those with lower ones.
    mutating func advanceSequence(past sequence: Int64) {
        precondition(sequence < .max, "no number is above \(sequence)")
        nextSequence = max(nextSequence, sequence + 1)
    }

    /// The numbers of the segments of this space.
    func segments() throws -> [Int] {
        try index.read { queries in try queries.segments().filter { $0.spaceID == spaceID }.map(\.number) }
    }

    /// The number of the segment that chunks are appended to.
    var openSegment: Int { segment.file.number }

    /// Commits, closes the store and lets go of the lock. A writer that is dropped instead lets go without committing.
    public consuming func finish() throws {
        try commit()
        if changesEntered > 0, changesEntered * 8 >= committedRows { index.compact() }
        try index.close()
    }

    private mutating func commitIfFull() throws {
        if pending.contents.count >= limits.chunkRows || pending.changes.count >= limits.chunkChanges { try commit() }
    }

    private func requireUsable() throws {
        guard let failure else { return }
        throw InputError(
            layout.path, "cannot be written any more after an earlier error (\(failure.description))",
            remedy: "Run the command again: everything committed before is kept.")
    }

    private mutating func fail(_ error: any Error) -> InputError {
        let failure = error as? InputError ?? InputError(layout.path, "\(error)")
        self.failure = failure
        return failure
    }
}

extension FeatureStoreWriter {
    private static func check(
        _ space: FeatureSpace, against index: IndexDatabase, _ layout: StoreLayout, _ policy: OtherSpacePolicy
    ) throws {
        let others = try index.read { try $0.spaces().map(\.space) }
        guard policy == .refuse, !others.contains(where: { $0.fingerprint == space.fingerprint }) else { return }
        let compared = others.map { (space: $0, differences: space.differences(from: $0)) }
        guard let nearest = compared.min(by: { $0.differences.count < $1.differences.count }) else { return }
        throw InputError(
            layout.path,
            "has features of another space, \(nearest.space.fingerprint.short) (\(nearest.space.name)), which differs: "
                + nearest.differences.joined(separator: "; "),
            remedy: "Use --add-space to keep both in this store, or --store with another folder.")
    }
}
